/* interface.h - a row of namespaces[].interfaces, from whichever format named it. */
#ifndef IMPORT_READERS_INTERFACE_H
#define IMPORT_READERS_INTERFACE_H

#include "import/readers/counter.h"
#include "snapshot/proc_net.h"

/* A name that is safe to show and no longer than the kernel's; "eth0@if5" is told as "eth0". False
 * for anything else; *ret is then "". */
bool ta_interface_name(struct ta_slice word, char ret[TA_INTERFACE_NAME]);

void ta_note_interface_counter(struct ta_reading *reading, const struct ta_line *line,
			       const char *name, enum ta_interface_counter counter, uint64_t value);
/* The same of any number of it, by its name in the snapshot. */
void ta_note_interface_figure(struct ta_reading *reading, const struct ta_line *line,
			      const char *name, const char *key, uint64_t value);

/* The kind of its root queueing discipline. */
void ta_note_interface_qdisc(struct ta_reading *reading, const struct ta_line *line,
			     const char *name, struct ta_slice kind);
void ta_note_interface_mtu(struct ta_reading *reading, const struct ta_line *line, const char *name,
			   uint64_t mtu);
void ta_note_interface_up(struct ta_reading *reading, const struct ta_line *line, const char *name,
			  bool up);

/* The flags in "<BROADCAST,UP,LOWER_UP>". */
bool ta_interface_is_up(struct ta_slice flags);

#endif
