"""How well Titian reads titles, skills and whole vacancies, beside simpler methods; run by
`titian evaluate`. What the figures mean is told in docs/quality.md."""
