"""Rooms and direct chats: opening, finding and entering them, and what somebody may do there."""
