"""How fast the hot rooms are; one file per room."""
