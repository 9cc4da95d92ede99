"""How Socket.IO meets the network."""
