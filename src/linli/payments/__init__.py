"""Payments: the cash part of orders of the mall, its notices and refunds, whoever the provider is."""
