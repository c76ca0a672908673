"""What truth is measured on: labelled clips, rendered ones, and what is done to clips and models."""
