"""How well the matcher ranks: judged sets, measures, yardsticks beside it, and the tables they fill."""
