/* alike.h - one rule that found the same in several network namespaces: it is told in full once, of
 * the others what differs; of mere notes the others' names. Forty pods must not tell one story
 * forty times. */
#ifndef REPORT_ALIKE_H
#define REPORT_ALIKE_H

#include "report/outline.h"

enum ta_telling {
	TA_TELL_WHOLE,
	TA_TELL_SHORT, /* without the details of what to do, which stand with the first of its kind
			*/
	TA_TELL_NAME,  /* not at all: the first of its kind names the namespace */
};

struct ta_alike {
	enum ta_telling *tellings; /* by entry of the outline */
	json_t *kinds; /* severity and rule -> names of the namespaces, the first one's first */
};

/* fold false: all is told whole. */
bool ta_alike_init(struct ta_alike *ret, const struct ta_outline *outline, bool fold,
		   struct ta_error *err);
void ta_alike_done(struct ta_alike *alike);

/* The namespaces that a finding which is told whole has to name, itself first; borrowed. NULL when
 * there are none. */
const json_t *ta_alike_names(const struct ta_alike *alike, const json_t *finding);

#endif
