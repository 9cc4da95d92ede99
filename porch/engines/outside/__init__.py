"""What is fetched from other servers, and what is told by way of them."""
