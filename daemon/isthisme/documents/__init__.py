"""Headings, paragraphs, tables and pictures to PDF, for text in any script. The same on every machine."""
