"""What a picture, a call and a start cost, held against budgets or against another version: `facewarden bench`."""
