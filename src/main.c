/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "api/document.h"
#include "server/config.h"
#include "server/server.h"

static int
print(void (*put)(struct buf *out))
{
	struct buf out = {0};
	int status = EXIT_SUCCESS;

	put(&out);
	buf_putc(&out, '\n');
	if (out.failed ||
	    fwrite(buf_start(&out), buf_readable(&out), 1, stdout) != 1)
		status = EXIT_FAILURE;
	buf_fini(&out);
	return status;
}

int
main(int argc, char *argv[])
{
	struct config_arguments arguments;
	struct error err;

	if (config_parse_arguments(argc, argv, &arguments, &err) == -1) {
		fprintf(stderr, "synctalkd: %s\n", err.text);
		return 2;
	}
	switch (arguments.action) {
	case CONFIG_HELP:
		fputs(config_help(), stdout);
		return EXIT_SUCCESS;
	case CONFIG_VERSION:
		puts("synctalkd " SYNCTALK_VERSION);
		return EXIT_SUCCESS;
	case CONFIG_OPENAPI:
		return print(openapi_put);
	case CONFIG_ASYNCAPI:
		return print(asyncapi_put);
	case CONFIG_CHECK:
		return server_check(&arguments);
	case CONFIG_RUN:
		return server_run(&arguments);
	}
	return EXIT_FAILURE;
}
