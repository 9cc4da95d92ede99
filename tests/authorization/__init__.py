"""Who may do what: every route and every socket event, for each kind of person."""
