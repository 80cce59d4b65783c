"""One file per thing that happens across rooms, in one transaction that the edge opens."""
