"""Many processes as one, by Redis: what stands behind the interfaces of the engines where `PORCH_REDIS_URL`
is set. See docs/cluster.md.
"""
