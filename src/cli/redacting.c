/* redacting.c - see redacting.h. */
#include "cli/redacting.h"

#include "snapshot/redact.h"

bool ta_redacting_run(const struct ta_settings *settings, json_t *snapshot, struct ta_error *err)
{
	struct ta_redactor *redactor;
	bool ok;

	if (!settings->redact)
		return true;
	redactor = ta_redactor_new(err);
	ok = redactor && ta_redact(redactor, snapshot, err);
	ta_redactor_free(redactor);
	return ok;
}
