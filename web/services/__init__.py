"""What Titian can do, one module a capability. A service function is one transaction."""
