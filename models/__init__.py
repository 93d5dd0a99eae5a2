"""What is stored: the tables and enums of Titian. Imports nothing of the rest of the project."""
