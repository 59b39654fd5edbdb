"""What a shop knows: the operators' file read, checked and matched. Text in, ranked entries out."""
