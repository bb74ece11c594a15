"""Understanding: what a text says, case by case. None of the cases is a row of a data set."""
