<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About DE-CAM Studio</source>
        <translation>Über DE-CAM Studio</translation>
    </message>
    <message>
        <source>DE-CAM Studio {0}</source>
        <translation>DE-CAM Studio {0}</translation>
    </message>
    <message>
        <source>Shows which pixels an image classifier decides by, from its answers alone: Differential Evolution searches the masks that keep a decision.</source>
        <translation>Zeigt, nach welchen Pixeln ein Bildklassifikator entscheidet, allein aus seinen Antworten: Differentielle Evolution sucht die Masken, die eine Entscheidung erhalten.</translation>
    </message>
    <message>
        <source>Apache License 2.0. Qt and PySide6 under the LGPL 3; icons by Lucide (ISC); demo model EfficientNet-Lite0 (Apache 2.0).</source>
        <translation>Apache-Lizenz 2.0. Qt und PySide6 unter der LGPL 3; Symbole von Lucide (ISC); Beispielmodell EfficientNet-Lite0 (Apache 2.0).</translation>
    </message>
    <message>
        <source>Made of</source>
        <translation>Bestandteile</translation>
    </message>
    <message>
        <source>Licences</source>
        <translation>Lizenzen</translation>
    </message>
    <message>
        <source>Copy diagnostics</source>
        <translation>Diagnose kopieren</translation>
    </message>
    <message>
        <source>Versions and licences</source>
        <translation>Versionen und Lizenzen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>&amp;Open...</source>
        <translation>Ö&amp;ffnen ...</translation>
    </message>
    <message>
        <source>Open &amp;folder...</source>
        <translation>&amp;Ordner öffnen ...</translation>
    </message>
    <message>
        <source>Open model ser&amp;ver...</source>
        <translation>Modell&amp;server öffnen ...</translation>
    </message>
    <message>
        <source>Try the &amp;demo</source>
        <translation>&amp;Beispiel ausprobieren</translation>
    </message>
    <message>
        <source>&amp;Save heat map...</source>
        <translation>&amp;Wärmekarte speichern ...</translation>
    </message>
    <message>
        <source>&amp;Export...</source>
        <translation>&amp;Exportieren ...</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>Been&amp;den</translation>
    </message>
    <message>
        <source>Se&amp;ttings...</source>
        <translation>&amp;Einstellungen ...</translation>
    </message>
    <message>
        <source>&amp;Remove photo</source>
        <translation>Foto &amp;entfernen</translation>
    </message>
    <message>
        <source>Open sess&amp;ion...</source>
        <translation>S&amp;itzung öffnen ...</translation>
    </message>
    <message>
        <source>Save session &amp;as...</source>
        <translation>Sit&amp;zung speichern unter ...</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>&amp;Paste image</source>
        <translation>Bild ein&amp;fügen</translation>
    </message>
    <message>
        <source>Remove &amp;model</source>
        <translation>&amp;Modell entfernen</translation>
    </message>
    <message>
        <source>Choose a &amp;class...</source>
        <translation>&amp;Klasse wählen ...</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>Ver&amp;größern</translation>
    </message>
    <message>
        <source>Zoom &amp;out</source>
        <translation>Ver&amp;kleinern</translation>
    </message>
    <message>
        <source>&amp;Fit photo</source>
        <translation>&amp;Foto einpassen</translation>
    </message>
    <message>
        <source>&amp;Next photo</source>
        <translation>&amp;Nächstes Foto</translation>
    </message>
    <message>
        <source>&amp;Previous photo</source>
        <translation>&amp;Voriges Foto</translation>
    </message>
    <message>
        <source>Like the &amp;system</source>
        <translation>Wie das &amp;System</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>&amp;Hell</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Dunkel</translation>
    </message>
    <message>
        <source>&amp;Overlay</source>
        <translation>Ü&amp;berlagert</translation>
    </message>
    <message>
        <source>&amp;Side by side</source>
        <translation>&amp;Nebeneinander</translation>
    </message>
    <message>
        <source>&amp;Curtain</source>
        <translation>&amp;Vorhang</translation>
    </message>
    <message>
        <source>Only what &amp;matters</source>
        <translation>Nur was &amp;zählt</translation>
    </message>
    <message>
        <source>&amp;Without what matters</source>
        <translation>&amp;Ohne das, was zählt</translation>
    </message>
    <message>
        <source>Co&amp;ntour lines</source>
        <translation>Höhen&amp;linien</translation>
    </message>
    <message>
        <source>Com&amp;pare maps</source>
        <translation>Karten &amp;vergleichen</translation>
    </message>
    <message>
        <source>What-if &amp;brush</source>
        <translation>&amp;Was-wäre-wenn-Pinsel</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>&amp;Starten</translation>
    </message>
    <message>
        <source>Explain &amp;all photos</source>
        <translation>&amp;Alle Fotos erklären</translation>
    </message>
    <message>
        <source>Explain c&amp;hosen photos</source>
        <translation>&amp;Gewählte Fotos erklären</translation>
    </message>
    <message>
        <source>Explain the &amp;likeliest classes together</source>
        <translation>Die &amp;wahrscheinlichsten Klassen zusammen erklären</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>&amp;Abbrechen</translation>
    </message>
    <message>
        <source>&amp;Pause the queue</source>
        <translation>Warteschlange an&amp;halten</translation>
    </message>
    <message>
        <source>Cancel all &amp;jobs</source>
        <translation>Alle Auf&amp;träge abbrechen</translation>
    </message>
    <message>
        <source>Show the &amp;queue</source>
        <translation>Warte&amp;schlange zeigen</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>&amp;Tastenkürzel</translation>
    </message>
    <message>
        <source>&amp;About DE-CAM Studio</source>
        <translation>Ü&amp;ber DE-CAM Studio</translation>
    </message>
    <message>
        <source>&amp;Copy diagnostics</source>
        <translation>&amp;Diagnose kopieren</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Appearance</source>
        <translation>&amp;Erscheinungsbild</translation>
    </message>
</context>
<context>
    <name>Asking</name>
    <message>
        <source>Open photos and models</source>
        <translation>Fotos und Modelle öffnen</translation>
    </message>
    <message>
        <source>Photos and models ({0} *.onnx)</source>
        <translation>Fotos und Modelle ({0} *.onnx)</translation>
    </message>
    <message>
        <source>Photos ({0})</source>
        <translation>Fotos ({0})</translation>
    </message>
    <message>
        <source>Models (*.onnx)</source>
        <translation>Modelle (*.onnx)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open photos</source>
        <translation>Fotos öffnen</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>Modell öffnen</translation>
    </message>
    <message>
        <source>Open a folder of photos</source>
        <translation>Ordner mit Fotos öffnen</translation>
    </message>
    <message>
        <source>Save the heat map into a folder</source>
        <translation>Wärmekarte in einen Ordner speichern</translation>
    </message>
    <message>
        <source>Save the session as a folder</source>
        <translation>Sitzung als Ordner speichern</translation>
    </message>
    <message>
        <source>Open a session, or a folder of saved results</source>
        <translation>Eine Sitzung oder einen Ordner mit Ergebnissen öffnen</translation>
    </message>
    <message>
        <source>Where is {0} now?</source>
        <translation>Wo ist {0} jetzt?</translation>
    </message>
    <message>
        <source>{0} maps could not be written to the session&apos;s folder. They are lost when the window closes; File, Save session as keeps them elsewhere.</source>
        <translation>{0} Karten ließen sich nicht in den Ordner der Sitzung schreiben. Sie gehen verloren, wenn das Fenster schließt; Datei, Sitzung speichern unter bewahrt sie anderswo auf.</translation>
    </message>
    <message>
        <source>Close anyway</source>
        <translation>Trotzdem schließen</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Dismiss message</source>
        <translation>Meldung schließen</translation>
    </message>
</context>
<context>
    <name>BookChoice</name>
    <message>
        <source>ALL MAPS IN ONE REPORT</source>
        <translation>ALLE KARTEN IN EINEM BERICHT</translation>
    </message>
    <message>
        <source>Photos, with what deserves a look first</source>
        <translation>Fotos, zuerst was einen Blick verdient</translation>
    </message>
    <message>
        <source>Comparison: maps side by side, differences</source>
        <translation>Vergleich: Karten nebeneinander, Unterschiede</translation>
    </message>
</context>
<context>
    <name>BrushBar</name>
    <message>
        <source>Hide</source>
        <translation>Verdecken</translation>
    </message>
    <message>
        <source>The brush hides</source>
        <translation>Der Pinsel verdeckt</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>The brush shows again</source>
        <translation>Der Pinsel deckt wieder auf</translation>
    </message>
    <message>
        <source>Size of the brush</source>
        <translation>Größe des Pinsels</translation>
    </message>
    <message>
        <source>What hidden pixels become</source>
        <translation>Was aus verdeckten Pixeln wird</translation>
    </message>
    <message>
        <source>As in the run</source>
        <translation>Wie im Lauf</translation>
    </message>
    <message>
        <source>Hide the top share of the map (Without)</source>
        <translation>Den obersten Anteil der Karte verdecken (Ohne)</translation>
    </message>
    <message>
        <source>Hide all but the top share of the map (Only)</source>
        <translation>Alles außer dem obersten Anteil verdecken (Nur)</translation>
    </message>
    <message>
        <source>Undo the last stroke (Ctrl+Z)</source>
        <translation>Letzten Strich zurücknehmen (Strg+Z)</translation>
    </message>
    <message>
        <source>Show everything again</source>
        <translation>Alles wieder zeigen</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
</context>
<context>
    <name>BugDialog</name>
    <message>
        <source>Error in DE-CAM Studio</source>
        <translation>Fehler in DE-CAM Studio</translation>
    </message>
    <message>
        <source>Something went wrong inside the program. Your photographs and results are still here. Please report it with the text below.</source>
        <translation>Im Programm ist ein Fehler aufgetreten. Ihre Fotos und Ergebnisse sind noch da. Bitte melden Sie ihn mit dem Text unten.</translation>
    </message>
    <message>
        <source>Diagnostics</source>
        <translation>Diagnose</translation>
    </message>
    <message>
        <source>Copy diagnostics</source>
        <translation>Diagnose kopieren</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>CandidateRows</name>
    <message>
        <source>Photos are fed as</source>
        <translation>Fotos werden eingespeist als</translation>
    </message>
    <message>
        <source>What the model then says of {0}</source>
        <translation>Was das Modell dann zu {0} sagt</translation>
    </message>
    <message>
        <source>Same answers: {0}</source>
        <translation>Gleiche Antworten: {0}</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>verwendet</translation>
    </message>
    <message>
        <source>likely</source>
        <translation>wahrscheinlich</translation>
    </message>
    <message>
        <source>unlikely</source>
        <translation>unwahrscheinlich</translation>
    </message>
    <message>
        <source>; and {0} more</source>
        <translation>; und {0} weitere</translation>
    </message>
    <message>
        <source>Fed so, it answers with what is no number.</source>
        <translation>So eingespeist, antwortet es mit etwas, das keine Zahl ist.</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
</context>
<context>
    <name>CandidateTable</name>
    <message>
        <source>Ways to feed the model</source>
        <translation>Wege, das Modell zu speisen</translation>
    </message>
</context>
<context>
    <name>Canvas</name>
    <message>
        <source>Photo and heat map</source>
        <translation>Foto und Wärmekarte</translation>
    </message>
    <message>
        <source>Not seen by the model</source>
        <translation>Vom Modell nicht gesehen</translation>
    </message>
</context>
<context>
    <name>ColourBar</name>
    <message>
        <source>Colour bar: saliency from 0 to 1</source>
        <translation>Farbskala: Bedeutung von 0 bis 1</translation>
    </message>
    <message>
        <source>Saliency: 1 = most decisive for the explained class, 0 = not</source>
        <translation>Bedeutung: 1 = am entscheidendsten für die erklärte Klasse, 0 = nicht</translation>
    </message>
    <message>
        <source>saliency</source>
        <translation>Bedeutung</translation>
    </message>
</context>
<context>
    <name>CompareCell</name>
    <message>
        <source>Picked as {0}</source>
        <translation>Gewählt als {0}</translation>
    </message>
    <message>
        <source>Press Space to pick it</source>
        <translation>Leertaste drücken, um sie zu wählen</translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message>
        <source>Columns</source>
        <translation>Spalten</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Every model</source>
        <translation>Jedes Modell</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <source>Every class</source>
        <translation>Jede Klasse</translation>
    </message>
    <message>
        <source>Methods</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>Every method</source>
        <translation>Jedes Verfahren</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Back to the photo (Ctrl+K)</source>
        <translation>Zurück zum Foto (Strg+K)</translation>
    </message>
    <message>
        <source>Explain what is missing</source>
        <translation>Fehlendes erklären</translation>
    </message>
    <message>
        <source>Queue the runs that fill the empty cells, and those of other open models</source>
        <translation>Die Läufe einreihen, die leere Zellen füllen, und die anderer offener Modelle</translation>
    </message>
    <message>
        <source>Difference of the two picked maps</source>
        <translation>Unterschied der zwei gewählten Karten</translation>
    </message>
    <message>
        <source>Map A minus map B, from -1 to 1</source>
        <translation>Karte A minus Karte B, von -1 bis 1</translation>
    </message>
    <message>
        <source>DIFFERENCE</source>
        <translation>UNTERSCHIED</translation>
    </message>
    <message>
        <source>Maps come here as they are found. Explain a photo, then the same with another model, class or method, and compare.</source>
        <translation>Karten kommen hierher, sobald sie gefunden sind. Ein Foto erklären, dann dasselbe mit anderem Modell, anderer Klasse oder anderem Verfahren, und vergleichen.</translation>
    </message>
    <message>
        <source>not explained</source>
        <translation>nicht erklärt</translation>
    </message>
    <message>
        <source>A − B here: {0}</source>
        <translation>A − B hier: {0}</translation>
    </message>
</context>
<context>
    <name>Comparing</name>
    <message>
        <source>Every cell has its map.</source>
        <translation>Jede Zelle hat ihre Karte.</translation>
    </message>
    <message>
        <source>Pick two maps of one photo, A and B, to see where they differ.</source>
        <translation>Zwei Karten eines Fotos wählen, A und B, um zu sehen, wo sie sich unterscheiden.</translation>
    </message>
    <message>
        <source>Pick the map to subtract from A.</source>
        <translation>Die Karte wählen, die von A abgezogen wird.</translation>
    </message>
    <message>
        <source>A and B are of different photos: their maps cannot be subtracted. Pick two maps of one photo.</source>
        <translation>A und B gehören zu verschiedenen Fotos: Ihre Karten lassen sich nicht abziehen. Zwei Karten eines Fotos wählen.</translation>
    </message>
    <message>
        <source>none, one map is flat</source>
        <translation>keine, eine Karte ist flach</translation>
    </message>
    <message>
        <source>A: {0}
B: {1}
Rank correlation: {2}
Of the top 12 %, {3:.0f} % are the same.
Red: A is higher (+). Blue: B is higher (−). Largest difference: {4:.2f}.</source>
        <translation>A: {0}
B: {1}
Rangkorrelation: {2}
Von den obersten 12 % sind {3:.0f} % gleich.
Rot: A ist höher (+). Blau: B ist höher (−). Größter Unterschied: {4:.2f}.</translation>
    </message>
</context>
<context>
    <name>CurvePlot</name>
    <message>
        <source>area</source>
        <translation>Fläche</translation>
    </message>
</context>
<context>
    <name>Cutting</name>
    <message>
        <source>With only the top {0}: {1} {2}.</source>
        <translation>Nur mit den obersten {0}: {1} {2}.</translation>
    </message>
    <message>
        <source>Without the top {0}: {1} {2}.</source>
        <translation>Ohne die obersten {0}: {1} {2}.</translation>
    </message>
    <message>
        <source>The answer stays.</source>
        <translation>Die Antwort bleibt.</translation>
    </message>
    <message>
        <source>The answer becomes {0} ({1}).</source>
        <translation>Die Antwort wird {0} ({1}).</translation>
    </message>
</context>
<context>
    <name>DoctorDialog</name>
    <message>
        <source>Check how photos are fed</source>
        <translation>Prüfen, wie Fotos eingespeist werden</translation>
    </message>
    <message>
        <source>How they are ranked</source>
        <translation>Wie sie geordnet sind</translation>
    </message>
    <message>
        <source>{0} is fed with {1} in every usual way, and its answers are compared: {2:,} model calls. The bars are about the first photo.</source>
        <translation>{0} wird auf alle üblichen Weisen mit {1} gespeist, und seine Antworten werden verglichen: {2} Modellaufrufe. Die Balken betreffen das erste Foto.</translation>
    </message>
    <message>
        <source>{0} photos of what it was trained for tell more.</source>
        <translation>{0} Fotos von dem, wofür es trainiert wurde, sagen mehr.</translation>
    </message>
    <message>
        <source>Nothing is sent before you press Start; then {0:,} inputs made of these photos go to {1}.</source>
        <translation>Vor dem Drücken von „Starten“ wird nichts gesendet; dann gehen {0} Eingaben aus diesen Fotos an {1}.</translation>
    </message>
    <message>
        <source>Now: {0}</source>
        <translation>Jetzt: {0}</translation>
    </message>
    <message>
        <source>Keep the guess</source>
        <translation>Annahme behalten</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Start again</source>
        <translation>Erneut starten</translation>
    </message>
    <message>
        <source>Starting...</source>
        <translation>Wird gestartet ...</translation>
    </message>
    <message>
        <source>Stopping...</source>
        <translation>Wird angehalten ...</translation>
    </message>
    <message>
        <source>Stopped. Nothing was changed.</source>
        <translation>Angehalten. Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>{0:,} / {1:,} calls</source>
        <translation>{0} / {1} Aufrufe</translation>
    </message>
    <message>
        <source>Used until the window is closed: only model files are remembered.</source>
        <translation>Gilt, bis das Fenster geschlossen wird: Nur Modelldateien merkt sich das Programm.</translation>
    </message>
    <message>
        <source>Used now. When the model is opened again, {0} beside it comes first; to replace that, save beside the model.</source>
        <translation>Gilt jetzt. Wird das Modell wieder geöffnet, geht {0} neben ihm vor; um das zu ersetzen, neben dem Modell speichern.</translation>
    </message>
    <message>
        <source>Used from now on, and remembered for this model.</source>
        <translation>Gilt von jetzt an und wird für dieses Modell gemerkt.</translation>
    </message>
    <message>
        <source>The choice is forgotten.</source>
        <translation>Die Wahl ist vergessen.</translation>
    </message>
    <message>
        <source>Saved as {0}.</source>
        <translation>Gespeichert als {0}.</translation>
    </message>
    <message>
        <source>{0} is there already beside the model. Replace it?</source>
        <translation>{0} liegt schon neben dem Modell. Ersetzen?</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Ersetzen</translation>
    </message>
    <message>
        <source>Leave it</source>
        <translation>Belassen</translation>
    </message>
    <message>
        <source>Progress of the check</source>
        <translation>Fortschritt der Prüfung</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Use this</source>
        <translation>Diesen verwenden</translation>
    </message>
    <message>
        <source>Save beside the model</source>
        <translation>Neben dem Modell speichern</translation>
    </message>
    <message>
        <source>Forget the choice</source>
        <translation>Wahl vergessen</translation>
    </message>
    <message>
        <source>The model is fed so already</source>
        <translation>Das Modell wird schon so gespeist</translation>
    </message>
    <message>
        <source>Feed this model as the chosen row says, from now on</source>
        <translation>Das Modell von jetzt an so speisen, wie die gewählte Zeile sagt</translation>
    </message>
    <message>
        <source>Only a model that is a file can have a sidecar file beside it</source>
        <translation>Nur neben einem Modell, das eine Datei ist, kann eine Begleitdatei liegen</translation>
    </message>
    <message>
        <source>A guess is not saved: use one of the rows first</source>
        <translation>Eine Annahme wird nicht gespeichert: zuerst eine der Zeilen verwenden</translation>
    </message>
    <message>
        <source>Write how it is fed now into a sidecar file beside the model</source>
        <translation>In eine Begleitdatei neben dem Modell schreiben, wie es jetzt gespeist wird</translation>
    </message>
    <message>
        <source>Feed the model as if nothing had been chosen</source>
        <translation>Das Modell so speisen, als wäre nichts gewählt worden</translation>
    </message>
    <message>
        <source>Nothing was chosen</source>
        <translation>Es wurde nichts gewählt</translation>
    </message>
</context>
<context>
    <name>Editing</name>
    <message>
        <source>What if</source>
        <translation>Was wäre wenn</translation>
    </message>
    <message>
        <source>Hide parts of the photo with a brush, and see what the model says (Ctrl+B)</source>
        <translation>Teile des Fotos mit einem Pinsel verdecken und sehen, was das Modell sagt (Strg+B)</translation>
    </message>
    <message>
        <source>Paint over the photo to hide parts of it; the model answers at once.</source>
        <translation>Über das Foto malen, um Teile zu verdecken; das Modell antwortet sofort.</translation>
    </message>
    <message>
        <source>Asking the model...</source>
        <translation>Das Modell wird gefragt ...</translation>
    </message>
    <message>
        <source>{0} of the input hidden: {1} {2} → {3}.</source>
        <translation>{0} der Eingabe verdeckt: {1} {2} → {3}.</translation>
    </message>
    <message>
        <source>Run first to see what the map expects.</source>
        <translation>Zuerst starten, um zu sehen, was die Karte erwartet.</translation>
    </message>
    <message>
        <source>the map predicts this</source>
        <translation>die Karte sagt das voraus</translation>
    </message>
    <message>
        <source>the map does not predict this</source>
        <translation>die Karte sagt das nicht voraus</translation>
    </message>
    <message>
        <source>By the map: expected {0}, actual {1}: {2}.</source>
        <translation>Nach der Karte: erwartet {0}, tatsächlich {1}: {2}.</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>The preview shows {0} of {1:,} maps.</source>
        <translation>Die Vorschau zeigt {0} von {1:,} Karten.</translation>
    </message>
    <message>
        <source>Stopped. Nothing was written.</source>
        <translation>Angehalten. Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>{0} files were written to {1}.</source>
        <translation>{0} Dateien wurden nach {1} geschrieben.</translation>
    </message>
    <message>
        <source>{0} maps could not be read:</source>
        <translation>{0} Karten waren nicht lesbar:</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>{0} files were written before that.</source>
        <translation>Davor wurden {0} Dateien geschrieben.</translation>
    </message>
    <message>
        <source>Choose a format to see its preview.</source>
        <translation>Für eine Vorschau ein Format wählen.</translation>
    </message>
    <message>
        <source>Making the preview...</source>
        <translation>Vorschau wird erstellt ...</translation>
    </message>
    <message>
        <source>REPORT</source>
        <translation>BERICHT</translation>
    </message>
    <message>
        <source>Preview of the format</source>
        <translation>Vorschau des Formats</translation>
    </message>
    <message>
        <source>WHAT</source>
        <translation>WAS</translation>
    </message>
    <message>
        <source>FORMATS</source>
        <translation>FORMATE</translation>
    </message>
    <message>
        <source>Pictures (PNG): photo under its map, and the map</source>
        <translation>Bilder (PNG): Foto unter seiner Karte, und die Karte</translation>
    </message>
    <message>
        <source>Array (NPY): the map in numbers</source>
        <translation>Feld (NPY): die Karte in Zahlen</translation>
    </message>
    <message>
        <source>Manifest (JSON): what it takes to get it again</source>
        <translation>Manifest (JSON): alles, um sie wieder zu erhalten</translation>
    </message>
    <message>
        <source>Array on the model&apos;s input (NPY)</source>
        <translation>Feld auf dem Eingang des Modells (NPY)</translation>
    </message>
    <message>
        <source>All arrays (NPZ)</source>
        <translation>Alle Felder (NPZ)</translation>
    </message>
    <message>
        <source>Figure for print (PNG, 300 dpi)</source>
        <translation>Abbildung für den Druck (PNG, 300 dpi)</translation>
    </message>
    <message>
        <source>Report for the browser (HTML)</source>
        <translation>Bericht für den Browser (HTML)</translation>
    </message>
    <message>
        <source>Report for paper (PDF)</source>
        <translation>Bericht für Papier (PDF)</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Choose &amp;folder...</source>
        <translation>&amp;Ordner wählen ...</translation>
    </message>
    <message>
        <source>&amp;To folder</source>
        <translation>In &amp;Ordner</translation>
    </message>
    <message>
        <source>Progress of the export</source>
        <translation>Fortschritt des Exports</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>{0} of {1} maps come with a warning:</source>
        <translation>{0} von {1} Karten tragen eine Warnung:</translation>
    </message>
    <message>
        <source>and {0} more</source>
        <translation>und {0} weitere</translation>
    </message>
    <message>
        <source>One file of {0}, without scripts and without the network.</source>
        <translation>Eine Datei von {0}, ohne Skripte und ohne Netz.</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Compared</source>
        <translation>Vergleich</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>Abbildung</translation>
    </message>
    <message>
        <source>Export to</source>
        <translation>Exportieren nach</translation>
    </message>
</context>
<context>
    <name>Exporter</name>
    <message>
        <source>The export stopped because of an error in the program.</source>
        <translation>Der Export brach wegen eines Fehlers im Programm ab.</translation>
    </message>
</context>
<context>
    <name>ImageCard</name>
    <message>
        <source>IMAGE</source>
        <translation>BILD</translation>
    </message>
    <message>
        <source>Page</source>
        <translation>Seite</translation>
    </message>
    <message>
        <source>Which picture of the file is explained</source>
        <translation>Welches Bild der Datei erklärt wird</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Which values of the file become black and white; a model sees 8 bits</source>
        <translation>Welche Werte der Datei schwarz und weiß werden; ein Modell sieht 8 Bit</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Percentiles 0.1 to 99.9</source>
        <translation>Perzentile 0,1 bis 99,9</translation>
    </message>
    <message>
        <source>Full range</source>
        <translation>Ganzer Bereich</translation>
    </message>
    <message>
        <source>From ... to ...</source>
        <translation>Von ... bis ...</translation>
    </message>
    <message>
        <source>Becomes black</source>
        <translation>Wird schwarz</translation>
    </message>
    <message>
        <source>Becomes white</source>
        <translation>Wird weiß</translation>
    </message>
    <message>
        <source>Pa&amp;ge</source>
        <translation>Sei&amp;te</translation>
    </message>
    <message>
        <source>&amp;Window</source>
        <translation>&amp;Fenster</translation>
    </message>
    <message>
        <source> of {0}</source>
        <translation> von {0}</translation>
    </message>
</context>
<context>
    <name>Keeping</name>
    <message>
        <source>{0} maps of this session could not be kept and would be lost. Save the session elsewhere first (File, Save session as).</source>
        <translation>{0} Karten dieser Sitzung ließen sich nicht ablegen und gingen verloren. Speichern Sie die Sitzung erst anderswo (Datei, Sitzung speichern unter).</translation>
    </message>
    <message>
        <source>pasted</source>
        <translation>eingefügt</translation>
    </message>
    <message>
        <source>{0} is not where it was; locate it to see its maps.</source>
        <translation>{0} ist nicht mehr am alten Ort; den neuen angeben, um die Karten zu sehen.</translation>
    </message>
    <message>
        <source>This session used a model on a server, which is only asked when you say so: {0} (File, Open model server).</source>
        <translation>Diese Sitzung nutzte ein Modell auf einem Server, der nur auf Ihren Wunsch gefragt wird: {0} (Datei, Modellserver öffnen).</translation>
    </message>
    <message>
        <source>The session {0} is the one that is open.</source>
        <translation>Die Sitzung {0} ist die, die schon offen ist.</translation>
    </message>
    <message>
        <source>The session {0} was last open on {1}, and not closed there. If it is not open there any more, delete the file {2} in its folder.</source>
        <translation>Die Sitzung {0} war zuletzt auf {1} geöffnet und wurde dort nicht geschlossen. Ist sie dort nicht mehr offen, löschen Sie die Datei {2} in ihrem Ordner.</translation>
    </message>
    <message>
        <source>The session cannot be kept in {0} ({1}). Results stay in memory; save the session elsewhere (File, Save session as).</source>
        <translation>Die Sitzung kann nicht in {0} aufbewahrt werden ({1}). Ergebnisse bleiben im Arbeitsspeicher; die Sitzung anderswo speichern (Datei, Sitzung speichern unter).</translation>
    </message>
    <message>
        <source>The session {0} is open in another window. Close it there first.</source>
        <translation>Die Sitzung {0} ist in einem anderen Fenster offen. Zuerst dort schließen.</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>The engine could not be loaded, so nothing can be opened. See the report.</source>
        <translation>Die Rechenmaschine konnte nicht geladen werden, daher lässt sich nichts öffnen. Siehe den Fehlerbericht.</translation>
    </message>
    <message>
        <source>Starting...</source>
        <translation>Wird gestartet ...</translation>
    </message>
    <message>
        <source>Diagnostics copied</source>
        <translation>Diagnose kopiert</translation>
    </message>
</context>
<context>
    <name>ModeBar</name>
    <message>
        <source>How the map is shown</source>
        <translation>Wie die Karte gezeigt wird</translation>
    </message>
    <message>
        <source>Overlay</source>
        <translation>Überlagert</translation>
    </message>
    <message>
        <source>The map&apos;s colours over the photo</source>
        <translation>Die Farben der Karte über dem Foto</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>Daneben</translation>
    </message>
    <message>
        <source>The photo, and the map beside it</source>
        <translation>Das Foto, und die Karte daneben</translation>
    </message>
    <message>
        <source>Curtain</source>
        <translation>Vorhang</translation>
    </message>
    <message>
        <source>The photo left of a divider that you pull, the map right of it</source>
        <translation>Das Foto links einer Trennlinie, die man zieht, die Karte rechts davon</translation>
    </message>
    <message>
        <source>Only</source>
        <translation>Nur</translation>
    </message>
    <message>
        <source>Only what matters: the most salient pixels</source>
        <translation>Nur was zählt: die bedeutendsten Pixel</translation>
    </message>
    <message>
        <source>Without</source>
        <translation>Ohne</translation>
    </message>
    <message>
        <source>Without what matters: all but the most salient pixels</source>
        <translation>Ohne das, was zählt: alle außer den bedeutendsten Pixeln</translation>
    </message>
    <message>
        <source>Contours</source>
        <translation>Linien</translation>
    </message>
    <message>
        <source>Lines at equal saliency</source>
        <translation>Linien gleicher Bedeutung</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>MODEL</source>
        <translation>MODELL</translation>
    </message>
    <message>
        <source>Chec&amp;k...</source>
        <translation>&amp;Prüfen ...</translation>
    </message>
    <message>
        <source>Loading {0}...</source>
        <translation>{0} wird geladen ...</translation>
    </message>
    <message>
        <source>Compare the usual ways to feed this model, on your photos</source>
        <translation>Die üblichen Wege, dieses Modell zu speisen, an Ihren Fotos vergleichen</translation>
    </message>
    <message>
        <source>Another reading asks {0} again, with made-up inputs.</source>
        <translation>Eine andere Lesart fragt {0} erneut, mit erdachten Eingaben.</translation>
    </message>
    <message>
        <source>{0} × {1} px, {2}
{3}, {4}</source>
        <translation>{0} × {1} px, {2}
{3}, {4}</translation>
    </message>
    <message>
        <source>{0}, {1}</source>
        <translation>{0}, {1}</translation>
    </message>
    <message>
        <source>known after the first photo</source>
        <translation>bekannt nach dem ersten Foto</translation>
    </message>
    <message>
        <source>Model in use</source>
        <translation>Verwendetes Modell</translation>
    </message>
    <message>
        <source>Open a model (Ctrl+O)</source>
        <translation>Modell öffnen (Strg+O)</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>Modell öffnen</translation>
    </message>
    <message>
        <source>ASSUMED</source>
        <translation>ANGENOMMEN</translation>
    </message>
    <message>
        <source>CHOSEN</source>
        <translation>GEWÄHLT</translation>
    </message>
    <message>
        <source>No model yet. Drop an .onnx classifier, or use the bundled one.</source>
        <translation>Noch kein Modell. Einen .onnx-Klassifikator hierherziehen oder den mitgelieferten nehmen.</translation>
    </message>
    <message>
        <source>Use the bundled model</source>
        <translation>Mitgeliefertes Modell nehmen</translation>
    </message>
    <message>
        <source>Open model...</source>
        <translation>Modell öffnen ...</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingang</translation>
    </message>
    <message>
        <source>Fitting</source>
        <translation>Einpassung</translation>
    </message>
    <message>
        <source>Pixels</source>
        <translation>Pixel</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <source>&amp;Activation</source>
        <translation>&amp;Aktivierung</translation>
    </message>
    <message>
        <source>Activation of the output</source>
        <translation>Aktivierung des Ausgangs</translation>
    </message>
    <message>
        <source>What turns the model&apos;s output into probabilities</source>
        <translation>Was aus der Ausgabe des Modells Wahrscheinlichkeiten macht</translation>
    </message>
    <message>
        <source>O&amp;utput</source>
        <translation>A&amp;usgang</translation>
    </message>
    <message>
        <source>Output with the class scores</source>
        <translation>Ausgang mit den Klassenwerten</translation>
    </message>
    <message>
        <source>Which of the model&apos;s outputs holds the class scores</source>
        <translation>Welcher Ausgang des Modells die Klassenwerte enthält</translation>
    </message>
    <message>
        <source>Runs o&amp;n</source>
        <translation>Läuf&amp;t auf</translation>
    </message>
    <message>
        <source>Execution provider</source>
        <translation>Recheneinheit</translation>
    </message>
    <message>
        <source>The device that computes the model&apos;s answers</source>
        <translation>Das Gerät, das die Antworten des Modells berechnet</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>Läuft auf</translation>
    </message>
    <message>
        <source>Class na&amp;mes...</source>
        <translation>Klassenna&amp;men...</translation>
    </message>
    <message>
        <source>Name the classes from a file: one name a line, or class_indices.json</source>
        <translation>Benennt die Klassen aus einer Datei: ein Name je Zeile, oder class_indices.json</translation>
    </message>
    <message>
        <source>Names as found</source>
        <translation>Namen wie gefunden</translation>
    </message>
    <message>
        <source>Use the names that come with the model again</source>
        <translation>Wieder die Namen verwenden, die das Modell mitbringt</translation>
    </message>
    <message>
        <source>names {0}</source>
        <translation>Namen {0}</translation>
    </message>
    <message>
        <source>Pre-processing assumed: nothing says how photos are fed.</source>
        <translation>Vorverarbeitung angenommen: Nichts sagt, wie Fotos eingespeist werden.</translation>
    </message>
    <message>
        <source>As found: {0}</source>
        <translation>Wie gefunden: {0}</translation>
    </message>
    <message>
        <source>As found</source>
        <translation>Wie gefunden</translation>
    </message>
    <message>
        <source>Class names</source>
        <translation>Klassennamen</translation>
    </message>
    <message>
        <source>Class names ({0})</source>
        <translation>Klassennamen ({0})</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
</context>
<context>
    <name>ModelList</name>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>{0}
missing</source>
        <translation>{0}
fehlt</translation>
    </message>
    <message>
        <source>MODELS ({0})</source>
        <translation>MODELLE ({0})</translation>
    </message>
    <message>
        <source>{0} is not where it was.</source>
        <translation>{0} ist nicht mehr am alten Ort.</translation>
    </message>
    <message>
        <source>Locate...</source>
        <translation>Suchen ...</translation>
    </message>
    <message>
        <source>grey</source>
        <translation>grau</translation>
    </message>
    <message>
        <source>{0:,} classes</source>
        <translation>{0} Klassen</translation>
    </message>
    <message>
        <source>⚠ assumed</source>
        <translation>⚠ angenommen</translation>
    </message>
    <message>
        <source>Remove from the list</source>
        <translation>Aus der Liste entfernen</translation>
    </message>
</context>
<context>
    <name>PhotoList</name>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Drop photos anywhere in the window.</source>
        <translation>Fotos irgendwo ins Fenster ziehen.</translation>
    </message>
    <message>
        <source>No photo passes the filter.</source>
        <translation>Kein Foto passt zum Filter.</translation>
    </message>
    <message>
        <source>Add photos (Ctrl+O)</source>
        <translation>Fotos hinzufügen (Strg+O)</translation>
    </message>
    <message>
        <source>Add photos</source>
        <translation>Fotos hinzufügen</translation>
    </message>
    <message>
        <source>{0} photos are not where they were.</source>
        <translation>{0} Fotos sind nicht mehr am alten Ort.</translation>
    </message>
    <message>
        <source>One photo is not where it was.</source>
        <translation>Ein Foto ist nicht mehr am alten Ort.</translation>
    </message>
    <message>
        <source>Locate...</source>
        <translation>Suchen ...</translation>
    </message>
    <message>
        <source>Stop asking ({0} left)</source>
        <translation>Fragen anhalten (noch {0})</translation>
    </message>
    <message>
        <source>Ask the model about {0}</source>
        <translation>Das Modell zu {0} fragen</translation>
    </message>
    <message>
        <source>One model call for each photo, so that they can be sorted by class</source>
        <translation>Ein Modellaufruf je Foto, damit sie sich nach Klasse ordnen lassen</translation>
    </message>
    <message>
        <source>Name or class</source>
        <translation>Name oder Klasse</translation>
    </message>
    <message>
        <source>Show photos whose name or class holds</source>
        <translation>Fotos zeigen, deren Name oder Klasse enthält</translation>
    </message>
    <message>
        <source>Order of the photos</source>
        <translation>Reihenfolge der Fotos</translation>
    </message>
    <message>
        <source>As added</source>
        <translation>Wie hinzugefügt</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>Nach Name</translation>
    </message>
    <message>
        <source>By class</source>
        <translation>Nach Klasse</translation>
    </message>
    <message>
        <source>Surest first</source>
        <translation>Sicherste zuerst</translation>
    </message>
    <message>
        <source>By state</source>
        <translation>Nach Stand</translation>
    </message>
    <message>
        <source>Show photos in the state</source>
        <translation>Fotos in diesem Stand zeigen</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Explain chosen photos</source>
        <translation>Gewählte Fotos erklären</translation>
    </message>
    <message>
        <source>Remove from the list</source>
        <translation>Von der Liste nehmen</translation>
    </message>
    <message>
        <source>PHOTOS ({0})</source>
        <translation>FOTOS ({0})</translation>
    </message>
    <message>
        <source>PHOTOS</source>
        <translation>FOTOS</translation>
    </message>
    <message>
        <source>PHOTOS ({0:,} of {1:,})</source>
        <translation>FOTOS ({0} von {1})</translation>
    </message>
    <message>
        <source>   loading...</source>
        <translation>   lädt ...</translation>
    </message>
</context>
<context>
    <name>PhotoModel</name>
    <message>
        <source>not explained</source>
        <translation>nicht erklärt</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>explained</source>
        <translation>erklärt</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>gescheitert</translation>
    </message>
    <message>
        <source>cannot be read</source>
        <translation>nicht lesbar</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>fehlt</translation>
    </message>
    <message>
        <source>{0} {1:.0f} %</source>
        <translation>{0} {1:.0f} %</translation>
    </message>
</context>
<context>
    <name>PredictionBar</name>
    <message>
        <source>{0}, {1}</source>
        <translation>{0}, {1}</translation>
    </message>
    <message>
        <source>{0}: {1} (class {2})</source>
        <translation>{0}: {1} (Klasse {2})</translation>
    </message>
    <message>
        <source>{0}, {1}, after your edit {2}</source>
        <translation>{0}, {1}, nach Ihrer Änderung {2}</translation>
    </message>
    <message>
        <source>{0}: {1}, after your edit {2} (class {3})</source>
        <translation>{0}: {1}, nach Ihrer Änderung {2} (Klasse {3})</translation>
    </message>
    <message>
        <source>Click to explain this class</source>
        <translation>Klicken, um diese Klasse zu erklären</translation>
    </message>
    <message>
        <source>Choose this class to be explained</source>
        <translation>Diese Klasse zum Erklären wählen</translation>
    </message>
</context>
<context>
    <name>Predictions</name>
    <message>
        <source>PREDICTION</source>
        <translation>VORHERSAGE</translation>
    </message>
    <message>
        <source>Explain another class...</source>
        <translation>Andere Klasse erklären ...</translation>
    </message>
    <message>
        <source>Another class to explain</source>
        <translation>Andere Klasse zum Erklären</translation>
    </message>
    <message>
        <source>One run explains all ticked classes for fewer model calls than one by one</source>
        <translation>Ein Lauf erklärt alle angehakten Klassen mit weniger Modellaufrufen als einzeln</translation>
    </message>
    <message>
        <source>Open a photo and a model.</source>
        <translation>Ein Foto und ein Modell öffnen.</translation>
    </message>
    <message>
        <source>Only the keep region ({0}): {1}</source>
        <translation>Nur der Halte-Bereich ({0}): {1}</translation>
    </message>
    <message>
        <source>Without the flip region ({0}): {1}</source>
        <translation>Ohne den Kipp-Bereich ({0}): {1}</translation>
    </message>
    <message>
        <source>, the answer is {0}</source>
        <translation>, die Antwort ist {0}</translation>
    </message>
    <message>
        <source>Hollow: after your edit. The answer is now {0} ({1}).</source>
        <translation>Hohl: nach Ihrer Änderung. Die Antwort ist jetzt {0} ({1}).</translation>
    </message>
    <message>
        <source>Explain {0} together with others</source>
        <translation>{0} zusammen mit anderen erklären</translation>
    </message>
    <message>
        <source>Tick several classes to explain them in one run</source>
        <translation>Mehrere Klassen anhaken, um sie in einem Lauf zu erklären</translation>
    </message>
    <message>
        <source>Explain {0} classes in one run</source>
        <translation>{0} Klassen in einem Lauf erklären</translation>
    </message>
</context>
<context>
    <name>PreviewPane</name>
    <message>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>Open in the browser</source>
        <translation>Im Browser öffnen</translation>
    </message>
</context>
<context>
    <name>Prober</name>
    <message>
        <source>The question failed because of an error in the program.</source>
        <translation>Die Frage scheiterte durch einen Fehler im Programm.</translation>
    </message>
</context>
<context>
    <name>ProgressRow</name>
    <message>
        <source>Progress of the run</source>
        <translation>Fortschritt des Laufs</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop and keep the map so far (Esc)</source>
        <translation>Anhalten und die bisherige Karte behalten (Esc)</translation>
    </message>
    <message>
        <source>Starting...</source>
        <translation>Wird gestartet ...</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Stopping...</source>
        <translation>Wird angehalten ...</translation>
    </message>
    <message>
        <source>{0:,} / {1:,} calls, {2:,.0f} calls/s, {3} left</source>
        <translation>{0} / {1} Aufrufe, {2:.0f} Aufrufe/s, noch {3}</translation>
    </message>
</context>
<context>
    <name>QueueModel</name>
    <message>
        <source>State</source>
        <translation>Stand</translation>
    </message>
    <message>
        <source>Photo</source>
        <translation>Foto</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Explains</source>
        <translation>Erklärt</translation>
    </message>
    <message>
        <source>Model calls</source>
        <translation>Modellaufrufe</translation>
    </message>
    <message>
        <source>Calls/s</source>
        <translation>Aufrufe/s</translation>
    </message>
    <message>
        <source>Time left</source>
        <translation>Restzeit</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>On hold</source>
        <translation>Zurückgestellt</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>Hält an</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Gescheitert</translation>
    </message>
    <message>
        <source>{0:,} / {1:,}</source>
        <translation>{0} / {1}</translation>
    </message>
    <message>
        <source>the model&apos;s answer</source>
        <translation>die Antwort des Modells</translation>
    </message>
</context>
<context>
    <name>QueuePanel</name>
    <message>
        <source>Queue ({0} of {1})</source>
        <translation>Warteschlange ({0} von {1})</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>Warteschlange</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Resume the queue</source>
        <translation>Warteschlange fortsetzen</translation>
    </message>
    <message>
        <source>Pause the queue</source>
        <translation>Warteschlange anhalten</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Hold the run after the batch under way; nothing is lost</source>
        <translation>Den Lauf nach dem laufenden Stapel anhalten; nichts geht verloren</translation>
    </message>
    <message>
        <source>{0:,} jobs of this session were not finished.</source>
        <translation>{0} Aufträge dieser Sitzung wurden nicht beendet.</translation>
    </message>
    <message>
        <source>One job of this session was not finished.</source>
        <translation>Ein Auftrag dieser Sitzung wurde nicht beendet.</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Show all jobs</source>
        <translation>Alle Aufträge zeigen</translation>
    </message>
    <message>
        <source>Shows or hides the table of all jobs</source>
        <translation>Zeigt oder verbirgt die Tabelle aller Aufträge</translation>
    </message>
    <message>
        <source>Nothing was asked for yet. Run explains one photo; “Explain all photos” in the Run menu fills the queue.</source>
        <translation>Noch nichts verlangt. „Starten“ erklärt ein Foto; „Alle Fotos erklären“ im Menü „Starten“ füllt die Warteschlange.</translation>
    </message>
    <message>
        <source>Hold</source>
        <translation>Zurückstellen</translation>
    </message>
    <message>
        <source>Release</source>
        <translation>Freigeben</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Run again</source>
        <translation>Erneut starten</translation>
    </message>
    <message>
        <source>Earlier</source>
        <translation>Früher</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>Später</translation>
    </message>
    <message>
        <source>Clear ended</source>
        <translation>Beendete entfernen</translation>
    </message>
    <message>
        <source>Stop and keep the map so far, or take out what has not begun (Del)</source>
        <translation>Anhalten und die bisherige Karte behalten, oder herausnehmen, was nicht begonnen hat (Entf)</translation>
    </message>
    <message>
        <source>What was stopped goes on where it was; what failed begins anew</source>
        <translation>Angehaltenes geht weiter, wo es war; Gescheitertes beginnt neu</translation>
    </message>
    <message>
        <source>Take ended jobs off the list; results stay</source>
        <translation>Beendete Aufträge von der Liste nehmen; Ergebnisse bleiben</translation>
    </message>
    <message>
        <source>Jobs</source>
        <translation>Aufträge</translation>
    </message>
</context>
<context>
    <name>Queueing</name>
    <message>
        <source>The run is done.</source>
        <translation>Der Lauf ist fertig.</translation>
    </message>
    <message>
        <source>The run ended early.</source>
        <translation>Der Lauf endete vorzeitig.</translation>
    </message>
    <message>
        <source>{0} of {1} jobs are done; {2} failed or were stopped.</source>
        <translation>{0} von {1} Aufträgen sind fertig; {2} scheiterten oder wurden angehalten.</translation>
    </message>
    <message>
        <source>All {0} jobs are done.</source>
        <translation>Alle {0} Aufträge sind fertig.</translation>
    </message>
</context>
<context>
    <name>RecentSessions</name>
    <message>
        <source>RECENT SESSIONS</source>
        <translation>LETZTE SITZUNGEN</translation>
    </message>
    <message>
        <source>{0:,} photos</source>
        <translation>{0} Fotos</translation>
    </message>
    <message>
        <source>1 photo</source>
        <translation>1 Foto</translation>
    </message>
    <message>
        <source>{0:,} jobs not finished</source>
        <translation>{0} Aufträge nicht beendet</translation>
    </message>
    <message>
        <source>was not closed</source>
        <translation>wurde nicht geschlossen</translation>
    </message>
</context>
<context>
    <name>RunPanel</name>
    <message>
        <source>RUN</source>
        <translation>LAUF</translation>
    </message>
    <message>
        <source>E&amp;xpert settings</source>
        <translation>E&amp;xperteneinstellungen</translation>
    </message>
    <message>
        <source>Method, seed, and what a removed pixel becomes</source>
        <translation>Verfahren, Startwert, und was aus entfernten Pixeln wird</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Running...</source>
        <translation>Läuft ...</translation>
    </message>
    <message>
        <source>Explain the chosen class (F5)</source>
        <translation>Die gewählte Klasse erklären (F5)</translation>
    </message>
    <message>
        <source>Go on with the run that was stopped, for the calls that are left (F5)</source>
        <translation>Setzt den angehaltenen Lauf fort, mit den Aufrufen, die übrig sind (F5)</translation>
    </message>
    <message>
        <source>{0}: {1:,} calls</source>
        <translation>{0}: {1} Aufrufe</translation>
    </message>
    <message>
        <source>Custom</source>
        <translation>Eigene Zahl</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>&amp;Budget</source>
        <translation>&amp;Umfang</translation>
    </message>
    <message>
        <source>How often the model is asked; more calls, finer map</source>
        <translation>Wie oft das Modell gefragt wird; mehr Aufrufe, feinere Karte</translation>
    </message>
    <message>
        <source>Model &amp;calls</source>
        <translation>Modellauf&amp;rufe</translation>
    </message>
    <message>
        <source>At most this many model calls</source>
        <translation>Höchstens so viele Modellaufrufe</translation>
    </message>
    <message>
        <source>&amp;Method</source>
        <translation>&amp;Verfahren</translation>
    </message>
    <message>
        <source>How masks are chosen</source>
        <translation>Wie Masken gewählt werden</translation>
    </message>
    <message>
        <source>Hi&amp;dden is</source>
        <translation>Verde&amp;cktes ist</translation>
    </message>
    <message>
        <source>What a removed pixel becomes</source>
        <translation>Was aus einem entfernten Pixel wird</translation>
    </message>
    <message>
        <source>&amp;Seed</source>
        <translation>Start&amp;wert</translation>
    </message>
    <message>
        <source>Same seed, settings and machine: same map</source>
        <translation>Gleicher Startwert, gleiche Einstellungen, gleiche Maschine: gleiche Karte</translation>
    </message>
    <message>
        <source>unfolded</source>
        <translation>ausgeklappt</translation>
    </message>
    <message>
        <source>folded away</source>
        <translation>eingeklappt</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>automatisch</translation>
    </message>
    <message>
        <source>{0}; hidden: {1}; seed {2}</source>
        <translation>{0}; Verdecktes: {1}; Startwert {2}</translation>
    </message>
    <message>
        <source>The time is known once the model was asked.</source>
        <translation>Die Dauer ist bekannt, sobald das Modell gefragt wurde.</translation>
    </message>
    <message>
        <source>About {0} on this machine ({1:,.0f} calls/s in the last run)</source>
        <translation>Etwa {0} auf dieser Maschine ({1:.0f} Aufrufe/s im letzten Lauf)</translation>
    </message>
    <message>
        <source>At most about {0} on this machine (from a single call)</source>
        <translation>Höchstens etwa {0} auf dieser Maschine (nach einem einzelnen Aufruf)</translation>
    </message>
</context>
<context>
    <name>Runner</name>
    <message>
        <source>The run stopped because of an error in the program.</source>
        <translation>Der Lauf endete durch einen Fehler im Programm.</translation>
    </message>
</context>
<context>
    <name>ServerDialog</name>
    <message>
        <source>Open a model server</source>
        <translation>Modellserver öffnen</translation>
    </message>
    <message>
        <source>A server that speaks the Open Inference Protocol (v2): Triton, MLServer, OpenVINO Model Server, KServe. The photos that you choose are sent to it.</source>
        <translation>Ein Server, der das Open Inference Protocol (v2) spricht: Triton, MLServer, OpenVINO Model Server, KServe. Die Fotos, die Sie wählen, werden an ihn gesendet.</translation>
    </message>
    <message>
        <source>URL of the model</source>
        <translation>URL des Modells</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>{0} was changed since it was explained; its maps are not shown.</source>
        <translation>{0} wurde seit der Erklärung geändert; seine Karten werden nicht gezeigt.</translation>
    </message>
    <message>
        <source>{0} is not the model of this session (its SHA-256 differs); the maps of the session are not shown for it.</source>
        <translation>{0} ist nicht das Modell dieser Sitzung (seine SHA-256 weicht ab); die Karten der Sitzung werden dafür nicht gezeigt.</translation>
    </message>
    <message>
        <source>This result is of a model on a server, which is only asked when you say so. To see it, open {0} (File, Open model server).</source>
        <translation>Dieses Ergebnis stammt von einem Modell auf einem Server, der nur auf Ihren Wunsch gefragt wird. Um es zu sehen, {0} öffnen (Datei, Modellserver öffnen).</translation>
    </message>
</context>
<context>
    <name>SessionCommands</name>
    <message>
        <source>Save the heat map and its data (Ctrl+S), or drag it from here to a folder</source>
        <translation>Wärmekarte und Daten speichern (Strg+S) oder von hier in einen Ordner ziehen</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>&amp;Resume the queue</source>
        <translation>Warteschlange &amp;fortsetzen</translation>
    </message>
    <message>
        <source>&amp;Pause the queue</source>
        <translation>Warteschlange an&amp;halten</translation>
    </message>
    <message>
        <source>The clipboard holds no picture: copy one first, then paste it here.</source>
        <translation>Die Zwischenablage enthält kein Bild: zuerst eines kopieren, dann hier einfügen.</translation>
    </message>
</context>
<context>
    <name>SessionLists</name>
    <message>
        <source>{0} is being explained. Cancel the run, or wait for it, to remove it.</source>
        <translation>{0} wird gerade erklärt. Den Lauf abbrechen oder abwarten, um es zu entfernen.</translation>
    </message>
    <message>
        <source>{0} is being asked. Cancel the run, or wait for it, to remove it.</source>
        <translation>{0} wird gerade gefragt. Brechen Sie den Lauf ab oder warten Sie, um es zu entfernen.</translation>
    </message>
</context>
<context>
    <name>SessionRuns</name>
    <message>
        <source>Stopped after {0:,} of {1:,} calls: the finished map stays.</source>
        <translation>Nach {0:,} von {1:,} Aufrufen angehalten: Die fertige Karte bleibt.</translation>
    </message>
    <message>
        <source>A map of this session is not shown: {0} is read or fed otherwise now than when it was found.</source>
        <translation>Eine Karte dieser Sitzung wird nicht gezeigt: {0} wird jetzt anders gelesen oder eingespeist als damals.</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>WINDOW</source>
        <translation>FENSTER</translation>
    </message>
    <message>
        <source>HEAT MAP</source>
        <translation>WÄRMEKARTE</translation>
    </message>
    <message>
        <source>NEW RUNS</source>
        <translation>NEUE LÄUFE</translation>
    </message>
    <message>
        <source>FILES</source>
        <translation>DATEIEN</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>&amp;Appearance</source>
        <translation>&amp;Erscheinungsbild</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>&amp;Sprache</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>&amp;Opacity</source>
        <translation>&amp;Deckkraft</translation>
    </message>
    <message>
        <source>{0}: {1:,} calls</source>
        <translation>{0}: {1} Aufrufe</translation>
    </message>
    <message>
        <source>&amp;Budget</source>
        <translation>&amp;Umfang</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>&amp;Hidden is</source>
        <translation>&amp;Verdecktes ist</translation>
    </message>
    <message>
        <source>Choose...</source>
        <translation>Wählen ...</translation>
    </message>
    <message>
        <source>Choose the folder for exports</source>
        <translation>Ordner für Exporte wählen</translation>
    </message>
    <message>
        <source>&amp;Exports go to</source>
        <translation>E&amp;xporte gehen nach</translation>
    </message>
    <message>
        <source>Clea&amp;r</source>
        <translation>&amp;Leeren</translation>
    </message>
    <message>
        <source>Clear the cache</source>
        <translation>Zwischenspeicher leeren</translation>
    </message>
    <message>
        <source>Speeds that were measured and models that were tried out: found anew when needed</source>
        <translation>Gemessene Geschwindigkeiten und ausprobierte Modelle: bei Bedarf neu ermittelt</translation>
    </message>
    <message>
        <source>Cache</source>
        <translation>Zwischenspeicher</translation>
    </message>
    <message>
        <source>Exports go to</source>
        <translation>Exporte gehen nach</translation>
    </message>
    <message>
        <source>Empty</source>
        <translation>Leer</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Explain the focused class</source>
        <translation>Die angewählte Klasse erklären</translation>
    </message>
    <message>
        <source>Space or Enter</source>
        <translation>Leertaste oder Eingabe</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Entf</translation>
    </message>
    <message>
        <source>Remove the chosen photo or model (in the list)</source>
        <translation>Das gewählte Foto oder Modell entfernen (in der Liste)</translation>
    </message>
    <message>
        <source>Pan the zoomed photo</source>
        <translation>Das vergrößerte Foto verschieben</translation>
    </message>
    <message>
        <source>Arrow keys, or drag</source>
        <translation>Pfeiltasten oder Ziehen</translation>
    </message>
    <message>
        <source>Zoom at the cursor</source>
        <translation>Am Mauszeiger vergrößern</translation>
    </message>
    <message>
        <source>Mouse wheel</source>
        <translation>Mausrad</translation>
    </message>
    <message>
        <source>Point at a pixel, and dab with the brush</source>
        <translation>Auf ein Pixel zeigen, mit dem Pinsel tupfen</translation>
    </message>
    <message>
        <source>Shift+arrows, Space</source>
        <translation>Umschalt+Pfeile, Leertaste</translation>
    </message>
    <message>
        <source>Pull the curtain</source>
        <translation>Den Vorhang ziehen</translation>
    </message>
    <message>
        <source>Comma, full stop</source>
        <translation>Komma, Punkt</translation>
    </message>
    <message>
        <source>Pick a map of the comparison</source>
        <translation>Eine Karte des Vergleichs wählen</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Leertaste</translation>
    </message>
    <message>
        <source>Cancel chosen jobs</source>
        <translation>Gewählte Aufträge abbrechen</translation>
    </message>
    <message>
        <source>Move the chosen job</source>
        <translation>Den gewählten Auftrag verschieben</translation>
    </message>
    <message>
        <source>Alt+Up, Alt+Down</source>
        <translation>Alt+Auf, Alt+Ab</translation>
    </message>
    <message>
        <source>Next and previous control</source>
        <translation>Nächstes und voriges Bedienelement</translation>
    </message>
    <message>
        <source>Tab, Shift+Tab</source>
        <translation>Tab, Umschalt+Tab</translation>
    </message>
    <message>
        <source>Menus</source>
        <translation>Menüs</translation>
    </message>
    <message>
        <source>Alt and the underlined letter</source>
        <translation>Alt und der unterstrichene Buchstabe</translation>
    </message>
</context>
<context>
    <name>Showing</name>
    <message>
        <source>{0}   {1} × {2} px</source>
        <translation>{0}   {1} × {2} px</translation>
    </message>
    <message>
        <source>Loading...</source>
        <translation>Wird geladen ...</translation>
    </message>
    <message>
        <source>Drop a photo here, or open one with Ctrl+O.</source>
        <translation>Ein Foto hierherziehen oder mit Strg+O öffnen.</translation>
    </message>
    <message>
        <source>Shown once a photo and a model are open.</source>
        <translation>Erscheint, sobald ein Foto und ein Modell offen sind.</translation>
    </message>
    <message>
        <source>Asking the model...</source>
        <translation>Das Modell wird gefragt ...</translation>
    </message>
    <message>
        <source>Needs a model.</source>
        <translation>Braucht ein Modell.</translation>
    </message>
    <message>
        <source>Needs a photo.</source>
        <translation>Braucht ein Foto.</translation>
    </message>
    <message>
        <source>Waits: the queue is paused.</source>
        <translation>Wartet: Die Warteschlange ist angehalten.</translation>
    </message>
    <message>
        <source>Runs “{0}” after what is under way.</source>
        <translation>Startet „{0}“ nach dem, was läuft.</translation>
    </message>
    <message>
        <source>Explains why the model says “{0}”.</source>
        <translation>Erklärt, warum das Modell „{0}“ sagt.</translation>
    </message>
    <message>
        <source>Goes on after {0:,} of {1:,} calls.</source>
        <translation>Geht nach {0:,} von {1:,} Aufrufen weiter.</translation>
    </message>
    <message>
        <source>Up to {0:,} inputs will be sent to {1}.</source>
        <translation>Bis zu {0:,} Eingaben werden an {1} gesendet.</translation>
    </message>
    <message>
        <source>Needs a photo to compare on.</source>
        <translation>Braucht ein Foto zum Vergleichen.</translation>
    </message>
    <message>
        <source>Not while this model is being explained.</source>
        <translation>Nicht, während dieses Modell erklärt wird.</translation>
    </message>
    <message>
        <source>Paused: {0:,} jobs wait until the queue is resumed.</source>
        <translation>Angehalten: {0:,} Aufträge warten, bis es weitergeht.</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Bereit</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
    <message>
        <source>forming...</source>
        <translation>entsteht ...</translation>
    </message>
    <message>
        <source>stopped at {0:,} of {1:,} calls</source>
        <translation>angehalten nach {0} von {1} Aufrufen</translation>
    </message>
    <message>
        <source>{0:,} calls in {1:.1f} s</source>
        <translation>{0} Aufrufe in {1:.0f} s</translation>
    </message>
    <message>
        <source> and {0} more</source>
        <translation> und {0} weitere</translation>
    </message>
    <message>
        <source>Saved to {0}:
{1}</source>
        <translation>Gespeichert in {0}:
{1}</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Choose another folder...</source>
        <translation>Anderen Ordner wählen ...</translation>
    </message>
</context>
<context>
    <name>Stepper</name>
    <message>
        <source>The check stopped because of an error in the program.</source>
        <translation>Die Prüfung brach wegen eines Fehlers im Programm ab.</translation>
    </message>
</context>
<context>
    <name>TemplateForm</name>
    <message>
        <source>The product&apos;s own</source>
        <translation>Der des Programms</translation>
    </message>
    <message>
        <source>One paragraph a line, such as a file number</source>
        <translation>Ein Absatz je Zeile, etwa ein Aktenzeichen</translation>
    </message>
    <message>
        <source>Logo</source>
        <translation>Logo</translation>
    </message>
    <message>
        <source>Choose...</source>
        <translation>Wählen ...</translation>
    </message>
    <message>
        <source>Choose a logo</source>
        <translation>Logo wählen</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keines</translation>
    </message>
    <message>
        <source>Use no logo</source>
        <translation>Kein Logo verwenden</translation>
    </message>
    <message>
        <source>From a template file...</source>
        <translation>Aus einer Vorlage ...</translation>
    </message>
    <message>
        <source>Fill these fields from a JSON or TOML file</source>
        <translation>Diese Felder aus einer JSON- oder TOML-Datei füllen</translation>
    </message>
    <message>
        <source>&amp;Title</source>
        <translation>&amp;Titel</translation>
    </message>
    <message>
        <source>&amp;Organisation</source>
        <translation>&amp;Organisation</translation>
    </message>
    <message>
        <source>&amp;Notes</source>
        <translation>&amp;Notizen</translation>
    </message>
    <message>
        <source>&amp;Paper</source>
        <translation>&amp;Papier</translation>
    </message>
    <message>
        <source>Report template</source>
        <translation>Berichtsvorlage</translation>
    </message>
    <message>
        <source>Templates (*.json *.toml)</source>
        <translation>Vorlagen (*.json *.toml)</translation>
    </message>
    <message>
        <source>Images ({0})</source>
        <translation>Bilder ({0})</translation>
    </message>
</context>
<context>
    <name>TrustCard</name>
    <message>
        <source>TRUST</source>
        <translation>VERTRAUEN</translation>
    </message>
    <message>
        <source>Progress of the check</source>
        <translation>Fortschritt der Prüfung</translation>
    </message>
    <message>
        <source>Check the map</source>
        <translation>Karte prüfen</translation>
    </message>
    <message>
        <source>Try a second seed</source>
        <translation>Zweiten Startwert versuchen</translation>
    </message>
    <message>
        <source>Search again with another seed, and see whether the map comes out alike</source>
        <translation>Mit einem anderen Startwert erneut suchen und sehen, ob die Karte ähnlich ausfällt</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Check each new map</source>
        <translation>Jede neue Karte prüfen</translation>
    </message>
    <message>
        <source>By itself, once no search is under way; a third of a balanced run&apos;s calls</source>
        <translation>Von selbst, sobald keine Suche läuft; ein Drittel der Aufrufe eines ausgewogenen Laufs</translation>
    </message>
    <message>
        <source>Shown once there is a map.</source>
        <translation>Erscheint, sobald es eine Karte gibt.</translation>
    </message>
    <message>
        <source>Not checked: nobody knows yet whether this map beats one that knows nothing.</source>
        <translation>Nicht geprüft: Noch weiß niemand, ob diese Karte eine schlägt, die nichts weiß.</translation>
    </message>
    <message>
        <source>Measuring the map against a random order and a centred blob.</source>
        <translation>Die Karte wird an einer zufälligen Reihenfolge und einem Fleck in der Mitte gemessen.</translation>
    </message>
    <message>
        <source>Better than chance: the map beats a random order and a centred blob.</source>
        <translation>Besser als Zufall: Die Karte schlägt eine zufällige Reihenfolge und einen Fleck in der Mitte.</translation>
    </message>
    <message>
        <source>The map is empty: it proves nothing.</source>
        <translation>Die Karte ist leer: Sie beweist nichts.</translation>
    </message>
    <message>
        <source>a centred blob</source>
        <translation>ein Fleck in der Mitte</translation>
    </message>
    <message>
        <source>a random order</source>
        <translation>eine zufällige Reihenfolge</translation>
    </message>
    <message>
        <source>This map proves nothing: it is no better than {0}.</source>
        <translation>Diese Karte beweist nichts: Sie ist nicht besser als {0}.</translation>
    </message>
    <message>
        <source> and </source>
        <translation> und </translation>
    </message>
    <message>
        <source>A second search (seed {0}) cannot be compared: one of the maps is flat.</source>
        <translation>Eine zweite Suche (Startwert {0}) lässt sich nicht vergleichen: Eine der Karten ist leer.</translation>
    </message>
    <message>
        <source>Stable: a second search (seed {0}) gives nearly the same map</source>
        <translation>Stabil: Eine zweite Suche (Startwert {0}) ergibt fast dieselbe Karte</translation>
    </message>
    <message>
        <source>Stable in part: a second search (seed {0}) gives a similar map</source>
        <translation>Teilweise stabil: Eine zweite Suche (Startwert {0}) ergibt eine ähnliche Karte</translation>
    </message>
    <message>
        <source>Not stable: a second search (seed {0}) gives another map</source>
        <translation>Nicht stabil: Eine zweite Suche (Startwert {0}) ergibt eine andere Karte</translation>
    </message>
    <message>
        <source> (correlation {1:.2f}; the top tenths share {2:.0f} % of their area).</source>
        <translation> (Korrelation {1:.2f}; die obersten Zehntel haben {2:.0f} % ihrer Fläche gemeinsam).</translation>
    </message>
    <message>
        <source>{0:,} of {1:,} calls</source>
        <translation>{0} von {1} Aufrufen</translation>
    </message>
    <message>
        <source>With only the brightest {0} of the photo the model still says {1} ({2}).</source>
        <translation>Nur mit den hellsten {0} des Fotos sagt das Modell immer noch {1} ({2}).</translation>
    </message>
    <message>
        <source>With only the brightest {0} of the photo the model says {3}, and {1} gets {2}.</source>
        <translation>Nur mit den hellsten {0} des Fotos sagt das Modell {3}, und {1} erhält {2}.</translation>
    </message>
    <message>
        <source>Without it: {0}.</source>
        <translation>Ohne sie: {0}.</translation>
    </message>
    <message>
        <source>A random {0} gives {1}.</source>
        <translation>Zufällige {0} ergeben {1}.</translation>
    </message>
    <message>
        <source>Insertion: higher is better</source>
        <translation>Einfügen: höher ist besser</translation>
    </message>
    <message>
        <source>of the pixels put back</source>
        <translation>der Pixel eingesetzt</translation>
    </message>
    <message>
        <source>Deletion: lower is better</source>
        <translation>Löschen: tiefer ist besser</translation>
    </message>
    <message>
        <source>of the pixels taken away</source>
        <translation>der Pixel entfernt</translation>
    </message>
    <message>
        <source>This map</source>
        <translation>Diese Karte</translation>
    </message>
    <message>
        <source>Centred blob</source>
        <translation>Fleck in der Mitte</translation>
    </message>
    <message>
        <source>Random order</source>
        <translation>Zufällige Reihenfolge</translation>
    </message>
</context>
<context>
    <name>Viewer</name>
    <message>
        <source>Opacity of the heat map</source>
        <translation>Deckkraft der Wärmekarte</translation>
    </message>
    <message>
        <source>Opacity of the heat map over the photo</source>
        <translation>Deckkraft der Wärmekarte über dem Foto</translation>
    </message>
    <message>
        <source>Colour map</source>
        <translation>Farbpalette</translation>
    </message>
    <message>
        <source>Colours of the heat map; equal steps look equal in all of them</source>
        <translation>Farben der Wärmekarte; gleiche Schritte sehen in allen gleich aus</translation>
    </message>
    <message>
        <source>Show the whole photo (Ctrl+0)</source>
        <translation>Das ganze Foto zeigen (Strg+0)</translation>
    </message>
    <message>
        <source>Show the whole photo</source>
        <translation>Das ganze Foto zeigen</translation>
    </message>
    <message>
        <source>Export...</source>
        <translation>Exportieren ...</translation>
    </message>
    <message>
        <source>Save the heat map, its data or a report (Ctrl+E)</source>
        <translation>Wärmekarte, ihre Daten oder einen Bericht speichern (Strg+E)</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>Deckkraft</translation>
    </message>
    <message>
        <source>Share of the pixels that matters most</source>
        <translation>Anteil der Pixel, der am meisten zählt</translation>
    </message>
    <message>
        <source>Top</source>
        <translation>Oberste</translation>
    </message>
    <message>
        <source>Keep region</source>
        <translation>Halte-Bereich</translation>
    </message>
    <message>
        <source>Flip region</source>
        <translation>Kipp-Bereich</translation>
    </message>
    <message>
        <source>Keep region: {0}</source>
        <translation>Halte-Bereich: {0}</translation>
    </message>
    <message>
        <source>The smallest part that keeps the answer when all else is hidden: {0}. The explained class then has {1:.0f} %.</source>
        <translation>Der kleinste Teil, der die Antwort hält, wenn alles andere verdeckt ist: {0}. Die erklärte Klasse hat dann {1:.0f} %.</translation>
    </message>
    <message>
        <source>Flip region: {0}</source>
        <translation>Kipp-Bereich: {0}</translation>
    </message>
    <message>
        <source>The smallest part whose removal changes the answer: to {0}. The explained class then has {1:.0f} %.</source>
        <translation>Der kleinste Teil, dessen Entfernen die Antwort ändert: zu {0}. Die erklärte Klasse hat dann {1:.0f} %.</translation>
    </message>
    <message>
        <source>answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Hatched: not seen by the model</source>
        <translation>Schraffiert: vom Modell nicht gesehen</translation>
    </message>
    <message>
        <source>x {0}, y {1}, saliency {2:.2f}</source>
        <translation>x {0}, y {1}, Bedeutung {2:.2f}</translation>
    </message>
    <message>
        <source>x {0}, y {1}, not seen by the model</source>
        <translation>x {0}, y {1}, vom Modell nicht gesehen</translation>
    </message>
    <message>
        <source>x {0}, y {1}</source>
        <translation>x {0}, y {1}</translation>
    </message>
</context>
<context>
    <name>Views</name>
    <message>
        <source>Compare maps (Ctrl+K)</source>
        <translation>Karten vergleichen (Strg+K)</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Drop photos and an ONNX model here</source>
        <translation>Fotos und ein ONNX-Modell hierherziehen</translation>
    </message>
    <message>
        <source>See which pixels an image classifier decides by.
Drop single files, several at once, or whole folders.</source>
        <translation>Sehen, nach welchen Pixeln ein Bildklassifikator entscheidet.
Einzelne Dateien, mehrere auf einmal oder ganze Ordner hierherziehen.</translation>
    </message>
    <message>
        <source>&amp;Open...</source>
        <translation>Ö&amp;ffnen ...</translation>
    </message>
    <message>
        <source>Choose photos and a model (Ctrl+O)</source>
        <translation>Fotos und ein Modell wählen (Strg+O)</translation>
    </message>
    <message>
        <source>Try the &amp;demo</source>
        <translation>&amp;Beispiel ausprobieren</translation>
    </message>
    <message>
        <source>Opens the bundled photographs and model</source>
        <translation>Öffnet die mitgelieferten Fotos und das Modell</translation>
    </message>
    <message>
        <source>Photos: PNG, JPEG, TIFF, WebP, BMP, GIF    Models: ONNX classifiers</source>
        <translation>Fotos: PNG, JPEG, TIFF, WebP, BMP, GIF    Modelle: ONNX-Klassifikatoren</translation>
    </message>
</context>
<context>
    <name>Workspace</name>
    <message>
        <source>This grid: {0} maps</source>
        <translation>Dieses Raster: {0} Karten</translation>
    </message>
    <message>
        <source>This map: {0}, {1}</source>
        <translation>Diese Karte: {0}, {1}</translation>
    </message>
    <message>
        <source>Everything: {0} maps</source>
        <translation>Alles: {0} Karten</translation>
    </message>
</context>
<context>
    <name>commands</name>
    <message>
        <source>Change settings</source>
        <translation>Einstellungen ändern</translation>
    </message>
    <message>
        <source>Choose class</source>
        <translation>Klasse wählen</translation>
    </message>
    <message>
        <source>Remove photo</source>
        <translation>Foto entfernen</translation>
    </message>
    <message>
        <source>Remove photos</source>
        <translation>Fotos entfernen</translation>
    </message>
    <message>
        <source>Remove model</source>
        <translation>Modell entfernen</translation>
    </message>
    <message>
        <source>Remove from queue</source>
        <translation>Aus der Warteschlange nehmen</translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>from the model&apos;s metadata ({0})</source>
        <translation>aus den Metadaten des Modells ({0})</translation>
    </message>
    <message>
        <source>from {0}</source>
        <translation>aus {0}</translation>
    </message>
    <message>
        <source>set by you</source>
        <translation>von Ihnen gesetzt</translation>
    </message>
    <message>
        <source>chosen by you</source>
        <translation>von Ihnen gewählt</translation>
    </message>
    <message>
        <source>from the sidecar file</source>
        <translation>aus der Begleitdatei</translation>
    </message>
    <message>
        <source>from the model&apos;s metadata</source>
        <translation>aus den Metadaten des Modells</translation>
    </message>
    <message>
        <source>told from the graph</source>
        <translation>am Graphen erkannt</translation>
    </message>
    <message>
        <source>told from the values</source>
        <translation>an den Werten erkannt</translation>
    </message>
    <message>
        <source>from the model&apos;s output</source>
        <translation>aus dem Ausgang des Modells</translation>
    </message>
    <message>
        <source>assumed</source>
        <translation>angenommen</translation>
    </message>
    <message>
        <source>without names</source>
        <translation>ohne Namen</translation>
    </message>
    <message>
        <source>grey</source>
        <translation>grau</translation>
    </message>
    <message>
        <source>channels last (NHWC)</source>
        <translation>Kanäle zuletzt (NHWC)</translation>
    </message>
    <message>
        <source>channels first (NCHW)</source>
        <translation>Kanäle zuerst (NCHW)</translation>
    </message>
    <message>
        <source>whole photo, squashed</source>
        <translation>ganzes Foto, gestaucht</translation>
    </message>
    <message>
        <source>centre crop, {0:g} %</source>
        <translation>mittlerer Ausschnitt, {0:g}&#xa0;%</translation>
    </message>
    <message>
        <source>whole photo, padded</source>
        <translation>ganzes Foto, mit Rand</translation>
    </message>
    <message>
        <source>ImageNet&apos;s mean and deviation</source>
        <translation>Mittelwert und Abweichung von ImageNet</translation>
    </message>
    <message>
        <source>0..1</source>
        <translation>0..1</translation>
    </message>
    <message>
        <source>−1..1</source>
        <translation>−1..1</translation>
    </message>
    <message>
        <source>0..255, unchanged</source>
        <translation>0..255, unverändert</translation>
    </message>
    <message>
        <source>none (probabilities)</source>
        <translation>keine (Wahrscheinlichkeiten)</translation>
    </message>
    <message>
        <source>softmax (one class)</source>
        <translation>Softmax (eine Klasse)</translation>
    </message>
    <message>
        <source>sigmoid (several labels)</source>
        <translation>Sigmoid (mehrere Klassen)</translation>
    </message>
    <message>
        <source>exp (log-probabilities)</source>
        <translation>Exp (logarithmische Wahrscheinlichkeiten)</translation>
    </message>
    <message>
        <source>CPU (processor)</source>
        <translation>CPU (Prozessor)</translation>
    </message>
    <message>
        <source>CUDA (NVIDIA)</source>
        <translation>CUDA (NVIDIA)</translation>
    </message>
    <message>
        <source>DE-CAM (evolution)</source>
        <translation>DE-CAM (Evolution)</translation>
    </message>
    <message>
        <source>RISE (random masks)</source>
        <translation>RISE (zufällige Masken)</translation>
    </message>
    <message>
        <source>Occlusion (sliding patch)</source>
        <translation>Okklusion (wanderndes Feld)</translation>
    </message>
    <message>
        <source>Quick</source>
        <translation>Schnell</translation>
    </message>
    <message>
        <source>Balanced</source>
        <translation>Ausgewogen</translation>
    </message>
    <message>
        <source>Thorough</source>
        <translation>Gründlich</translation>
    </message>
    <message>
        <source>Until stable</source>
        <translation>Bis stabil</translation>
    </message>
    <message>
        <source>Blur</source>
        <translation>Unscharf</translation>
    </message>
    <message>
        <source>Strong blur</source>
        <translation>Stark unscharf</translation>
    </message>
    <message>
        <source>Mean colour</source>
        <translation>Mittlere Farbe</translation>
    </message>
    <message>
        <source>Black</source>
        <translation>Schwarz</translation>
    </message>
</context>
</TS>
