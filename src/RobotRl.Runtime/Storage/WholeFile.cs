using System.Text;

namespace RobotRl.Runtime.Storage;

/// <summary>Small files that are written whole or not at all.</summary>
internal static class WholeFile
{
    /// <summary>
    /// Writes <paramref name="text"/> (UTF-8) beside <paramref name="path"/>, syncs it, renames it and syncs the directory.
    /// </summary>
    /// <exception cref="IOException">The disk refuses; <paramref name="path"/> is as it was (also
    /// <see cref="UnauthorizedAccessException"/>).</exception>
    public static void Write(string path, string text, IFileOpener? files = null)
    {
        byte[] bytes = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetBytes(text);
        Write(path, file => file.Write(0, bytes), files);
    }

    /// <summary>The same with what <paramref name="fill"/> writes.</summary>
    public static void Write(string path, Action<IWritableFile> fill, IFileOpener? files = null)
    {
        files ??= DiskFiles.Instance;
        string beside = path + ".tmp";
        try
        {
            using (IWritableFile file = files.OpenWrite(beside, FileMode.Create))
            {
                fill(file);
                file.Sync();
            }

            File.Move(beside, path, overwrite: true);
            files.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch
        {
            DeleteQuietly(beside);
            throw;
        }
    }

    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (IOException)
        {
            // The first error is the one to report.
        }
        catch (UnauthorizedAccessException) { }
    }
}
