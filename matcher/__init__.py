"""The matching engine: arrays in, arrays and small dataclasses out. Knows neither Flask nor a database."""
