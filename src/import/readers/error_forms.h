/* error_forms.h - errors that programs put in words of their own, without errno or its text. */
#ifndef IMPORT_READERS_ERROR_FORMS_H
#define IMPORT_READERS_ERROR_FORMS_H

#include <stdbool.h>

#include "import/readers/faults.h"
#include "import/readers/places.h"

/* What a line said. */
struct ta_error_told {
	const struct ta_fault *fault;
	enum ta_call call;
	struct ta_place place;   /* empty: none */
	struct ta_slice program; /* empty: not told */
};

/* Whether the whole message, or all of it behind a ": ", has one of the forms. */
bool ta_error_form_find(struct ta_slice message, struct ta_error_told *ret);

#endif
