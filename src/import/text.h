/* text.h - one captured text, line after line, shown to the readers. */
#ifndef IMPORT_TEXT_H
#define IMPORT_TEXT_H

#include "import/bytes.h"
#include "import/evidence_state.h"
#include "import/member.h"

/* Reads the text to its end; capture says what it is where its name does, or is NULL. False when
 * memory ran out. */
bool ta_text_read(struct ta_evidence *evidence, const char *name, struct ta_bytes bytes,
		  const struct ta_capture *capture);

#endif
