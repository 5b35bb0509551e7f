"""Tables read by a column mapping: prepared, judged over their columns, mapped and accounted for."""
