"""Words beside a date, and names of its element, that say what it is the date of."""

import re

MODIFIED = re.compile(
    r"modif|updat|edited|revis|aktuali[sz]|geändert|bearbeitet|mise? [àa] jour|maj\b"
    r"|a[ck]?tuali[sz]|aggiorna|bijgewerkt|gewijzigd|zmien|uppdater|oppdater|opdater|päivitet|muokat|güncelle"
    r"|обновл|оновл|изменен|ažurir|posodob|frissít|módosít|upraven|ενημ|更新|修改|수정|업데이트"
    r"|cập nhật|diperbarui|تحديث|به‌روز",
    re.IGNORECASE,
)
"""The last change."""
PUBLISHED = re.compile(
    r"publi|(?:artikel|beitrag) wurde|\bdat(?:um|e|a|o)\b\s*:|\bpost(?:ed)?\b|post-?date"
    r"|pub-?date|date-?line|entry-date"
    r"|issued|timestamp|byline|written|veröff|erstellt|creat|geplaatst|opublik|dodan|vydán|megjelen"
    r"|yayın|eklen|опубл|дата|objav|julkaist|δημοσ|פורסם|نشر|انتشار|公開|掲載|发布|發布|发表|發表|日期|입력|등록"
    r"|đăng|diterbit|mise? en ligne",
    re.IGNORECASE,
)
"""Publication."""
NOW = re.compile(
    r"current[ -]?(?:date|time)|server[ -]?time|it is now|aktuelles datum|heute ist|oggi [eè]"
    r"|nous sommes le|hoy es|текущее время|сегодня",
    re.IGNORECASE,
)
"""The visit: forums and mastheads print it."""
DATED = re.compile(r"date|time|meta|info|stand|data|fecha|datum|author", re.IGNORECASE)
"""Something about the story."""
