"""What people are told by SMS, in eighteen languages: plain sentences with places for a name, a day, a code.

It knows sentences only: no number, no alphabet, nobody who sends them.

In the sentences: {name} of the person, {company} that writes, {city}, {day} as 24.11., {hour} as 9:30, {code} of six
digits, {parcel} a tracking number, {price} an amount.
"""

from typing import Final, NamedTuple


class Language(NamedTuple):
    """One language: its English name, the locale its names and cities come from, and its sentences."""

    name: str
    locale: str
    reminder: str
    code: str
    parcel: str
    advice: str
    reply: str


LANGUAGES: Final = (
    Language(
        "English",
        "en_US",
        "{name}, your appointment at {company}, {city} is on {day} at {hour}. Reply C to confirm or R to change it.",
        "{code} is your code for {company}. It is valid for ten minutes. Never share it with anyone.",
        "Parcel {parcel} has left our warehouse in {city} and will reach you on {day} before {hour}. Due: {price} €.",
        "Please bring your card and come ten minutes early; if you cannot come, tell us, so that somebody else can.",
        "Yes, I'll be there. Thanks!",
    ),
    Language(
        "German",
        "de_DE",
        "Guten Tag {name}, Ihr Termin bei {company} in {city} ist am {day} um {hour} Uhr. Zum Bestätigen: JA.",
        "{code} ist Ihr Code für {company}. Er gilt zehn Minuten. Geben Sie ihn nie weiter.",
        "Ihr Paket {parcel} kommt am {day} bis {hour} Uhr. Bitte {price} € bereithalten. Grüße aus {city}!",
        "Bringen Sie bitte Ihre Karte mit und kommen Sie etwas früher; sagen Sie ab, falls Sie verhindert sind.",
        "Ja, danke schön, bis dann!",
    ),
    Language(
        "French",
        "fr_FR",
        "Bonjour {name}, votre rendez-vous chez {company} à {city} est fixé le {day} à {hour}. Répondez OUI.",
        "{code} est votre code pour {company}. Il est valable dix minutes. Ne le communiquez à personne.",
        "Votre colis {parcel} est parti de {city} ; livraison le {day} avant {hour}. À régler : {price} €.",
        "Apportez votre carte et arrivez dix minutes plus tôt ; en cas d'empêchement, prévenez-nous, s'il vous plaît.",
        "Ça marche, à bientôt",
    ),
    Language(
        "Spanish",
        "es_ES",
        "Hola {name}, su cita en {company}, {city}, es el {day} a las {hour}. ¿La confirma? Responda SI.",
        "{code} es su código para {company}. Caduca en diez minutos. ¡No lo comparta con nadie!",
        "Su paquete {parcel} ha salido de {city} y llegará el {day} antes de las {hour}. Importe: {price} €.",
        "Traiga su tarjeta y venga diez minutos antes; si no puede venir, avísenos para que otra persona venga mañana.",
        "¡Sí, allí estaré, señora!",
    ),
    Language(
        "Portuguese",
        "pt_BR",
        "Olá {name}, sua consulta em {company}, {city}, é no dia {day} às {hour}. Responda SIM para confirmar.",
        "{code} é o seu código para {company}. Vale por dez minutos. Não o mostre a ninguém.",
        "Sua encomenda {parcel} saiu de {city} e chegará no dia {day} até as {hour}. A pagar: {price} €.",
        "Traga o seu cartão e chegue dez minutos antes; se não puder vir, avise, para que a vaga não se perca.",
        "Não posso, amanhã então?",
    ),
    Language(
        "Swedish",
        "sv_SE",
        "Hej {name}! Din tid hos {company} i {city} är den {day} kl {hour}. Svara JA för att bekräfta.",
        "{code} är din kod för {company}. Den gäller i tio minuter. Lämna aldrig ut den.",
        "Paketet {parcel} har lämnat {city} och kommer den {day} före kl {hour}. Att betala: {price} €.",
        "Ta med ditt kort och kom tio minuter före; hör av dig om du får förhinder så att någon annan får tiden.",
        "Ja, vi ses då på Ängsvägen",
    ),
    Language(
        "Polish",
        "pl_PL",
        "Dzień dobry {name}, wizyta w {company}, {city}, odbędzie się {day} o {hour}. Proszę odpisać TAK.",
        "{code} to kod do {company}. Jest ważny dziesięć minut. Proszę go nikomu nie podawać.",
        "Paczka {parcel} wyruszyła z miasta {city}, doręczenie {day} przed {hour}. Do zapłaty: {price} €.",
        "Proszę zabrać kartę i przyjść dziesięć minut wcześniej; jeśli coś wypadnie, prosimy o krótką wiadomość.",
        "Tak, dziękuję, będę",
    ),
    Language(
        "Turkish",
        "tr_TR",
        "Sayın {name}, {company} ({city}) randevunuz {day} saat {hour}. Onaylamak için EVET yazın.",
        "{company} kodunuz: {code}. On dakika geçerlidir. Kimseyle paylaşmayın.",
        "{parcel} numaralı kargonuz {city} şubesinden çıktı, {day} saat {hour} öncesi gelecek. Ödenecek: {price} €.",
        "Lütfen kartınızı getirin ve on dakika erken gelin; gelemeyecekseniz bize haber verin.",
        "Evet, teşekkürler, geliyorum",
    ),
    Language(
        "Greek",
        "el_GR",
        "{name}, το ραντεβού σας στην εταιρεία {company} ({city}) είναι στις {day}, ώρα {hour}. Απαντήστε ΝΑΙ.",
        "{code}: ο κωδικός σας για {company}. Ισχύει για δέκα λεπτά. Μην τον δώσετε σε κανέναν.",
        "Το δέμα {parcel} έφυγε από {city} και φτάνει στις {day} πριν τις {hour}. Πληρωμή: {price} €.",
        "Φέρτε την κάρτα σας και ελάτε δέκα λεπτά νωρίτερα. Αν δεν μπορείτε, ενημερώστε μας.",
        "Ναι, ευχαριστώ πολύ!",
    ),
    Language(
        "Russian",
        "ru_RU",
        "{name}, ждём вас {day} в {hour}: {company}, {city}. Ответьте ДА, чтобы подтвердить запись.",
        "{code} — ваш код для {company}. Он действует десять минут. Никому его не сообщайте.",
        "Посылка {parcel} отправлена ({city}), доставка {day} до {hour}. К оплате: {price} €.",
        "Возьмите с собой карту и приходите на десять минут раньше. Если не сможете, сообщите нам.",
        "Да, спасибо, приду вовремя",
    ),
    Language(
        "Ukrainian",
        "uk_UA",
        "{name}, чекаємо на вас {day} о {hour}: {company}, {city}. Напишіть ТАК, щоб підтвердити.",
        "{code} — ваш код для {company}. Він дійсний десять хвилин. Нікому його не кажіть.",
        "Посилка {parcel} вже в дорозі ({city}), доставимо {day} до {hour}. До сплати: {price} €.",
        "Візьміть із собою картку й приходьте на десять хвилин раніше. Якщо не зможете, повідомте нас.",
        "Так, дякую, її заберу завтра",
    ),
    Language(
        "Arabic",
        "ar_AA",
        "مرحبا {name}، موعدك في {company}، {city} يوم {day} الساعة {hour}. أرسل نعم للتأكيد.",
        "رمزك لدى {company} هو {code}. صالح لعشر دقائق. لا تشاركه مع أحد.",
        "خرج الطرد {parcel} من {city} وسيصلك يوم {day} قبل الساعة {hour}. المبلغ: {price} €.",
        "أحضر بطاقتك من فضلك واحضر قبل الموعد بعشر دقائق، وأخبرنا إن تعذر عليك الحضور.",
        "نعم، شكرا جزيلا",
    ),
    Language(
        "Hebrew",
        "he_IL",
        "שלום {name}, התור שלך ב{company}, {city} נקבע ל-{day} בשעה {hour}. לאישור השיבו כן.",
        "{code} הוא הקוד שלך עבור {company}. תקף לעשר דקות. אין למסור אותו לאיש.",
        "החבילה {parcel} יצאה מ{city} ותגיע ב-{day} לפני {hour}. לתשלום: {price} €.",
        "נא להביא כרטיס ולהגיע עשר דקות לפני הזמן. אם לא תוכלו להגיע, הודיעו לנו.",
        "כן, תודה רבה",
    ),
    Language(
        "Hindi",
        "hi_IN",
        "नमस्ते {name}, {company}, {city} में आपका समय {day} को {hour} बजे है। पुष्टि के लिए हाँ लिखें।",
        "{company} के लिए आपका कोड {code} है। यह दस मिनट तक मान्य है। इसे किसी को न बताएँ।",
        "आपका पार्सल {parcel} {city} से निकल चुका है और {day} को {hour} बजे से पहले पहुँचेगा। देय: {price} €।",
        "कृपया अपना कार्ड साथ लाएँ और दस मिनट पहले आएँ। न आ सकें तो हमें बता दें।",
        "हाँ, धन्यवाद, मैं आऊँगा",
    ),
    Language(
        "Thai",
        "th_TH",
        "คุณ{name} นัดหมายที่ {company} {city} วันที่ {day} เวลา {hour} น. ตอบ ใช่ เพื่อยืนยัน",
        "{code} คือรหัสของคุณสำหรับ {company} ใช้ได้สิบนาที อย่าบอกใคร",
        "พัสดุ {parcel} ออกจาก {city} แล้ว จะถึงวันที่ {day} ก่อน {hour} น. ยอดชำระ {price} €",
        "กรุณานำบัตรมาด้วยและมาก่อนเวลาสิบนาที หากมาไม่ได้โปรดแจ้งให้เราทราบ",
        "ใช่ ขอบคุณมาก",
    ),
    Language(
        "Chinese",
        "zh_CN",
        "【{company}】{name}您好，您在{city}的预约时间为{day} {hour}，回复1确认。",
        "【{company}】验证码{code}，十分钟内有效，请勿告诉他人。",
        "您的包裹{parcel}已从{city}发出，预计{day} {hour}前送达，应付{price} €。",
        "请携带证件并提前十分钟到达；如不能前来，请尽早通知我们，谢谢您的理解与配合。",
        "好的，谢谢",
    ),
    Language(
        "Japanese",
        "ja_JP",
        "{name}様、{company}（{city}）のご予約は{day} {hour}です。確認は「はい」とご返信ください。",
        "{company}の認証コードは{code}です。有効期限は十分です。誰にも教えないでください。",
        "お荷物{parcel}は{city}を出発し、{day} {hour}までにお届けします。お支払い：{price} €",
        "診察券をお持ちのうえ、十分前にお越しください。ご都合が悪い場合はお知らせください。",
        "はい、ありがとうございます",
    ),
    Language(
        "Korean",
        "ko_KR",
        "{name}님, {company} {city} 예약은 {day} {hour}입니다. 확인하시려면 예 라고 답해 주세요.",
        "[{company}] 인증번호 {code}. 십 분간 유효합니다. 다른 사람에게 알리지 마세요.",
        "택배 {parcel}이(가) {city}에서 출발하여 {day} {hour} 전에 도착합니다. 결제 금액: {price} €",
        "신분증을 지참하시고 십 분 일찍 와 주세요. 오실 수 없으면 미리 알려 주세요.",
        "네, 감사합니다",
    ),
)

EMOJI: Final = ("📦", "✅", "🎉", "🙏", "🚚💨", "👩‍⚕️", "🇸🇪", "👍🏽", "😀")
"""One code point beyond the basic plane or several that make one picture: both are cut wrongly by careless senders."""
