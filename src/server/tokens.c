/* SPDX-License-Identifier: MIT */
#include "server/tokens.h"

#include <stdio.h>
#include <unistd.h>

static int
in_data(const struct config *config, const char *name, char path[4096],
    struct error *err)
{
	int len = snprintf(path, 4096, "%s/%s", config->data, name);

	if (len >= 0 && len < 4096)
		return 0;
	error_set(err, ERROR_CONFIG, "data: the path is too long");
	return -1;
}

struct trust *
tokens_load(const struct config *config, bool look, struct error *err)
{
	char key_path[4096], secret_path[4096];
	const char *key_file = key_path;
	struct trust_options options = {
	    .key_files = (const char *const *)config->token.keys.items,
	    .key_files_n = config->token.keys.n,
	    .secret_file = config->token.secret_file,
	    .look = look,
	    .issuer = config->token.issuer,
	    .audience = config->token.audience,
	    .outside = {
		.issuer = config->token.outside_issuer,
		.audience = config->token.outside_audience,
		.keys_file = config->token.outside_keys,
		.name_claim = config->token.outside_name_claim}};

	if (in_data(config, "token.key", key_path, err) != 0 ||
	    in_data(config, "token.secret", secret_path, err) != 0)
		return NULL;
	if (options.key_files_n == 0 && options.secret_file == NULL) {
		options.key_files = &key_file;
		options.key_files_n = 1;
		if (access(secret_path, F_OK) == 0)
			options.secret_file = secret_path;
	}
	return trust_open(&options, err);
}
