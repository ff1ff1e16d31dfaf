"""`python -m isthisme` is the command line."""

from isthisme.cli import main

if __name__ == "__main__":
    main()
