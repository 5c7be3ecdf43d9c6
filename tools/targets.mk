# Targets that run something: demo, check, fuzz, bench, install.
