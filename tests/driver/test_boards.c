/* Small guests of our own on every board that can run one. */
#include "driver/boards_fixture.h"

int main(int argc, char **argv)
{
        return run_boards(argc, argv, 0, DM_GUEST_SHELL | DM_GUEST_PROMPT);
}
