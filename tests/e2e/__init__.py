"""The whole chain, from pictures to clients."""
