"""Keys of accounts and of encrypted chats, and the envelopes that are locked with them."""
