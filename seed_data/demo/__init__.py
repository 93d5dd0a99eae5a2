"""Synthetic people, employers and vacancies for trying Titian out. None of them exists."""
