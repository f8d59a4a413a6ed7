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
        <source>&amp;Run</source>
        <translation>&amp;Starten</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>&amp;Abbrechen</translation>
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
    <name>Examiner</name>
    <message>
        <source>The check stopped because of an error in the program.</source>
        <translation>Die Prüfung endete durch einen Fehler im Programm.</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>One file of {0:.1f} MB, without scripts and without the network.</source>
        <translation>Eine Datei von {0:.1f} MB, ohne Skripte und ohne Netz.</translation>
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
        <source>Figure</source>
        <translation>Abbildung</translation>
    </message>
    <message>
        <source>Export to</source>
        <translation>Exportieren nach</translation>
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
    <name>MainWindow</name>
    <message>
        <source>The engine could not be loaded, so nothing can be opened. See the report.</source>
        <translation>Die Rechenmaschine konnte nicht geladen werden, daher lässt sich nichts öffnen. Siehe den Fehlerbericht.</translation>
    </message>
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
        <source>Starting...</source>
        <translation>Wird gestartet ...</translation>
    </message>
    <message>
        <source>Diagnostics copied</source>
        <translation>Diagnose kopiert</translation>
    </message>
    <message>
        <source>Save the heat map into a folder</source>
        <translation>Wärmekarte in einen Ordner speichern</translation>
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
        <source>Another activation asks {0} again, with made-up inputs.</source>
        <translation>Eine andere Aktivierung fragt {0} erneut, mit erdachten Eingaben.</translation>
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
        <source>Add photos (Ctrl+O)</source>
        <translation>Fotos hinzufügen (Strg+O)</translation>
    </message>
    <message>
        <source>Add photos</source>
        <translation>Fotos hinzufügen</translation>
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
        <source>   loading...</source>
        <translation>   lädt ...</translation>
    </message>
</context>
<context>
    <name>PhotoModel</name>
    <message>
        <source>cannot be read</source>
        <translation>nicht lesbar</translation>
    </message>
</context>
<context>
    <name>PredictionBar</name>
    <message>
        <source>{0}, {1}</source>
        <translation>{0}, {1}</translation>
    </message>
    <message>
        <source>Choose this class to be explained</source>
        <translation>Diese Klasse zum Erklären wählen</translation>
    </message>
    <message>
        <source>{0}: {1} (class {2})
Click to explain this class</source>
        <translation>{0}: {1} (Klasse {2})
Klicken, um diese Klasse zu erklären</translation>
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
        <source>Open a photo and a model.</source>
        <translation>Ein Foto und ein Modell öffnen.</translation>
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
        <source>Stopping...</source>
        <translation>Wird angehalten ...</translation>
    </message>
    <message>
        <source>{0:,} / {1:,} calls, {2:,.0f} calls/s, {3} left</source>
        <translation>{0} / {1} Aufrufe, {2:.0f} Aufrufe/s, noch {3}</translation>
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
        <source>Running...</source>
        <translation>Läuft ...</translation>
    </message>
    <message>
        <source>Explain the chosen class (F5)</source>
        <translation>Die gewählte Klasse erklären (F5)</translation>
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
        <source>This result is of a model on a server, which is only asked when you say so. To see it, open {0} (File, Open model server).</source>
        <translation>Dieses Ergebnis stammt von einem Modell auf einem Server, der nur auf Ihren Wunsch gefragt wird. Um es zu sehen, {0} öffnen (Datei, Modellserver öffnen).</translation>
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
        <source>Used from the next start of the window.</source>
        <translation>Gilt ab dem nächsten Start des Fensters.</translation>
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
        <source>Remove the chosen photo (in the list)</source>
        <translation>Das gewählte Foto entfernen (in der Liste)</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Entf</translation>
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
        <source>This map: {0}, {1}</source>
        <translation>Diese Karte: {0}, {1}</translation>
    </message>
    <message>
        <source>Everything: {0} maps</source>
        <translation>Alles: {0} Karten</translation>
    </message>
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
        <source>Explains why the model says “{0}”.</source>
        <translation>Erklärt, warum das Modell „{0}“ sagt.</translation>
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
        <source>{0} ({1:.1f} %)</source>
        <translation>{0} ({1:.1f} %)</translation>
    </message>
    <message>
        <source>stopped at {0:,} of {1:,} calls</source>
        <translation>angehalten nach {0} von {1} Aufrufen</translation>
    </message>
    <message>
        <source>{0:,} calls in {1:.1f} s</source>
        <translation>{0} Aufrufe in {1:.1f} s</translation>
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
        <translation>mittlerer Ausschnitt, {0:g} %</translation>
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
