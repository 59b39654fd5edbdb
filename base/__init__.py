"""What every part needs and none owns: errors, clock, masking, beats, YAML with line numbers."""
