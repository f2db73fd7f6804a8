/* cmd_completion.c - tcpadvise completion SHELL: the script that completes our command lines; and
 * what such a script asks for. */
#include <string.h>

#include "base/macros.h"
#include "cli/completion.h"
#include "cli/output.h"

enum { MAX_SCRIPT = 1024 * 1024 };

static const struct {
	const char *name;
	void (*print)(struct ta_buf *out);
} shells[] = {
	{ "bash", ta_completion_bash },
	{ "zsh", ta_completion_zsh },
	{ "fish", ta_completion_fish },
};

static bool print_shell(const char *name, struct ta_buf *out)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(shells); i++) {
		if (strcmp(shells[i].name, name) != 0)
			continue;
		shells[i].print(out);
		return true;
	}
	return false;
}

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(MAX_SCRIPT);
	struct ta_error err = TA_ERROR_INIT;

	(void)count;
	if (print_shell(args[0], &out) || ta_candidates(settings, args[0], &out))
		return ta_print(settings, &out);
	ta_fail(&err, TA_E_USAGE, "no completion for '%s'; expected bash, zsh or fish", args[0]);
	return ta_complain(&err, TA_EXIT_USAGE);
}

const struct ta_command ta_cmd_completion = {
	.name = "completion",
	.arguments = "bash|zsh|fish|rules|topics|settings|namespaces",
	.summary = "print the script that completes command lines in a shell",
	.details = "  source <(tcpadvise completion bash)\n"
		   "  source <(tcpadvise completion zsh)\n"
		   "  tcpadvise completion fish | source\n\n"
		   "An installed tcpadvise has them in place. rules, topics, settings and namespaces "
		   "print the names that a script offers, one a line.",
	.min_args = 1,
	.max_args = 1,
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTION(TA_OPT_OUTPUT),
	.operands = { { 1, NULL, "bash|zsh|fish", TA_VALUES_ANY } },
	.exits = {
		{ TA_EXIT_OK, "it was printed" },
		{ TA_EXIT_FAILED, "it could not be" },
		{ TA_EXIT_USAGE, "wrong usage" },
	},
	.run = run,
};
