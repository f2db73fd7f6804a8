/* readers.c - all formats of captured text, those first that are least to be taken for another. */
#include "import/reader.h"

const struct ta_reader *const ta_readers[] = {
	NULL,
};
