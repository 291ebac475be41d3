"""Reads values out of running contract text: numbers, periods, dates, money, recurrences, and when things fall due.

Bottom-up: fragments make numbers, numbers make periods and dates (``mentions``), those and anchors make
timings (``timing``). Nothing here knows what a notice period is; it knows what "thirty (30) days after receipt
of an invoice" says.
"""
