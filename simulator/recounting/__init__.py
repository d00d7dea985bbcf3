"""Journal files read again: searched, told and summed up."""
