"""What every door that speaks HTTP shares: who asks, from where, and the headers of the answer."""
