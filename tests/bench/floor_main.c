/* The floor as a program: `floor ARGV-FILE [ROUNDS]`. */
#include "bench/floor.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (256 * 1024)

char **floor_read_argv(const char *path, char **ret_text)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        char *text = calloc(1, FILE_MAX + 1);
        ssize_t length = fd >= 0 && text != NULL ? read(fd, text, FILE_MAX) : -1;
        char **argv = length > 0 ? calloc((size_t)length + 1, sizeof *argv) : NULL;
        if (fd >= 0)
                close(fd);
        if (argv == NULL) {
                free(text);
                return NULL;
        }
        char end = memchr(text, '\0', (size_t)length) != NULL ? '\0' : '\n';
        size_t n = 0;
        for (char *word = text; word < text + length; word += strlen(word) + 1) {
                char *stop = memchr(word, end, (size_t)(text + length - word));
                if (stop != NULL)
                        *stop = '\0';
                argv[n++] = word;
        }
        *ret_text = text;
        return argv;
}

/* One start and stop per round; what QEMU said when one failed. */
static int rounds(char *const words[], long n, const char *dir)
{
        struct Floor f;
        for (long i = 0; i < n; i++) {
                long end_us = floor_start(&f, words, dir) == 0 ? floor_stop(&f) : -1;
                if (end_us < 0) {
                        fprintf(stderr, "floor: %s\n", f.error);
                        return 1;
                }
                printf("%ld %ld\n", f.start_us, end_us);
        }
        return 0;
}

int floor_main(int argc, char **argv)
{
        char *text = NULL;
        char **words = argc > 1 ? floor_read_argv(argv[1], &text) : NULL;
        long n = argc > 2 ? strtol(argv[2], NULL, 10) : 1;
        char dir[] = "/tmp/floor.XXXXXX";
        if (words == NULL || n <= 0 || mkdtemp(dir) == NULL) {
                fprintf(stderr, "usage: floor ARGV-FILE [ROUNDS]\n");
                free(words);
                free(text);
                return 2;
        }
        int status = rounds(words, n, dir);
        char log[sizeof dir + sizeof "/floor.log"];
        snprintf(log, sizeof log, "%s/floor.log", dir);
        if (status == 0)
                unlink(log);
        rmdir(dir); /* unless the log is in it */
        free(words);
        free(text);
        return status;
}
