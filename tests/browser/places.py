"""The rooms of the page, each at a place of the demo where its figures are, and what shows that they are there."""
# (room, its address, what is there when it is drawn, whether it is made for a phone)
ROOMS = (("unit", "node=press-1", ".gantt rect[class]", True), ("shift", "node=weld-1", "#room [data-do=print]", True), ("energy", "node=hall-1", ".bars rect", False),
         ("alerts", "", "#room .segments", True), ("norms", "norm=press-1-utilization", "#room dl.facts", False), ("norms", "tab=review&node=line-a", "#room table", False),
         ("norms", "tab=teams&node=line-a", "#room .panel :is(table, .soft)", False), ("norms", "tab=propose&node=line-a&indicator=energy_per_good", "#room dl.facts", False),
         ("norms", "tab=neglected", "#room table", False), ("alerts", "tab=history", "#room .panel", True), ("alerts", "tab=figures", "#room dl", True),
         ("alerts", "tab=rules", "#room table", True),
         ("explain", "node=line-a&indicator=energy_per_good&kind=hour", "#room dl", True), ("system", "", "#room table", True))
# One address of each room, the plant among them.
EACH = (("plant", "node=hall-1", ".tile", True), *(r for i, r in enumerate(ROOMS) if r[0] not in [x[0] for x in ROOMS[:i]]))
