"""What holds for every policy and every lead; one file per family of laws."""
