"""A whole database into another: both opened, rows copied, ids carried on, the two compared."""
