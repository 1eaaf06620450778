"""Runs named protocols: trains the models they need, judges them, and writes a report.

- `protocol`: what a protocol is (`Protocol`) and what it measures on one model (`Judgement`)
- `protocols/`: the protocols, one module each; `protocols/__init__.py` holds the table and says
  how to add one
- `runs`: chooses or trains the models, and joins the judgements of folds
- `report`, `report_files`, `plots`: the report as data, as files, and as pictures
- `clip_runs`, `perturbations`, `window_baseline`, `test_people`: shared by several protocols

Imports go one way: `protocol` ← `runs` ← `report`, `plots`; `protocols/` imports neither `runs`
nor the reports. Score functions are in `models.scoring`.
"""
