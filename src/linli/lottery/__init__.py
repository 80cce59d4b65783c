"""Lottery: campaigns with prizes and published odds, and draws that anyone can verify."""
