"""How requests come in from the network: connections and their bounds, HTTP, TLS."""
