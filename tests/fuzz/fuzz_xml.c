/* Fuzzing the domain document: whatever is accepted is written as a fixed point, its copy is equal to it, and
 * whatever is refused says why.
 *
 *      make fuzz T=xml
 */
#include "conf/domain.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(DmFindings) findings = dm_findings_new();
        g_autoptr(DmDomain) d = dm_domain_parse((const char *)bytes, length, 0, findings, &error);
        g_assert((d != NULL) != (error != NULL));
        for (gsize i = 0; i < dm_findings_count(findings); i++)
                g_assert(g_utf8_validate(dm_findings_at(findings, i)->message, -1, NULL));
        if (!d) {
                g_assert(dm_findings_errors(findings) > 0 && *error->message);
                return 0;
        }
        g_autofree char *once = dm_domain_format(d, DM_XML_FORMAT_SECRET);
        g_autoptr(DmDomain) again = dm_domain_parse(once, strlen(once), 0, NULL, &error);
        g_assert_no_error(error);
        g_autofree char *twice = dm_domain_format(again, DM_XML_FORMAT_SECRET);
        g_assert_cmpstr(twice, ==, once);
        g_autoptr(DmDomain) copy = dm_domain_copy(d);
        g_autofree char *difference = dm_xml_difference(&dm_domain_element, d, copy, 0);
        g_assert_cmpstr(difference, ==, NULL);
        dm_domain_check_deferred(d, NULL);
        dm_domain_check_beside(d, NULL);
        return 0;
}
