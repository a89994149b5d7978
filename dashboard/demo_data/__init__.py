"""Made-up calls: text and figures without sound, to look at a full workspace and to
measure searches in one."""
